#include "pkg/bandwidth/vf_rate_shaper.h"

#include <gtest/gtest.h>

#include <map>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

enum class Zero { clears, is_ignored };

/// A port with four VFs that only knows rates; it can take zeros the way qede does.
class RatePort final : public Links {
 public:
  explicit RatePort(Zero zero = Zero::clears) : zero_(zero) {}

  static constexpr int kIndex = 7;

  std::map<int, Rate> rates = {{0, {}}, {1, {}}, {2, {}}, {3, {}}};
  int writes = 0;
  int lists = 0;

  Result<> set_vf(int port_index, int vf, const VfSettings& settings) override {
    if (port_index != kIndex) return Error(Code::not_found, "ENODEV");
    if (!rates.contains(vf)) return Error(Code::invalid_argument, "EINVAL");
    ++writes;
    const Rate asked = settings.rate.value();
    if (zero_ == Zero::clears || !asked.floor.is_zero()) rates[vf].floor = asked.floor;
    if (zero_ == Zero::clears || !asked.ceiling.is_zero()) rates[vf].ceiling = asked.ceiling;
    return {};
  }

  Result<VfList> vfs(int port_index) override {
    if (port_index != kIndex) return Error(Code::not_found, "ENODEV");
    ++lists;
    VfList list;
    list.announced = 4;
    for (const auto& [index, rate] : rates) {
      VfInfo& vf = list.vfs.emplace_back();
      vf.index = index;
      vf.rate = rate;
    }
    return list;
  }

  Result<std::optional<Link>> find(const std::string& /*name*/) override { return unused(); }

  Result<std::optional<Link>> find(int /*index*/) override { return unused(); }

  Result<std::vector<Link>> list() override { return unused(); }

  Result<> change(int /*index*/, const LinkChange& /*change*/) override { return unused(); }

  Result<> remove_altnames(int /*index*/, const std::vector<std::string>& /*names*/) override {
    return unused();
  }

  Result<> detach_xdp(int /*index*/, std::uint32_t /*modes*/) override { return unused(); }

  Result<> add(const NewLink& /*link*/) override { return unused(); }

  Result<> remove(int /*index*/) override { return unused(); }

 private:
  static Error unused() { return Error(Code::internal, "a shaper has no business here"); }

  Zero zero_;
};

constexpr Rate kRate = {.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)};
constexpr Rate kCeiling = {.floor = {}, .ceiling = BitRate::gbps(2)};
constexpr BitRate kLine = BitRate::gbps(100);

TEST(VfRateShaper, AppliesAndClearsWithOneWriteEachAndNoList) {
  RatePort port;
  VfRateShaper shaper(port, RatePort::kIndex, capability_of("mlx5_core"), kLine);

  ASSERT_THAT(shaper.apply(3, kRate), IsOk());
  EXPECT_EQ(port.rates[3], kRate);
  EXPECT_EQ(port.rates[2], Rate{});
  ASSERT_THAT(shaper.clear(3), IsOk());
  EXPECT_EQ(port.rates[3], Rate{});

  EXPECT_EQ(port.writes, 2);
  EXPECT_EQ(port.lists, 0);
}

TEST(VfRateShaper, ReadsBackWhatIsInForce) {
  RatePort port;
  VfRateShaper shaper(port, RatePort::kIndex, capability_of("ice"), kLine);
  ASSERT_THAT(shaper.apply(1, kRate), IsOk());

  ASSERT_OK_AND_ASSIGN(const VfList list, shaper.read_back());
  EXPECT_TRUE(list.complete());
  ASSERT_NE(list.find(1), nullptr);
  EXPECT_EQ(list.find(1)->rate, kRate);
}

TEST(VfRateShaper, ErrorsSayWhichVf) {
  RatePort port;
  VfRateShaper shaper(port, RatePort::kIndex, capability_of("ice"), kLine);
  EXPECT_THAT(shaper.apply(9, kRate),
              FailsWith(Code::invalid_argument, "set rate of VF 9: EINVAL"));

  VfRateShaper elsewhere(port, 8, capability_of("ice"), kLine);
  EXPECT_THAT(elsewhere.apply(1, kRate), FailsWith(Code::not_found, "set rate of VF 1: ENODEV"));
  EXPECT_THAT(elsewhere.read_back(), FailsWith(Code::not_found, "read rates of link 8: ENODEV"));
}

TEST(VfRateShaper, DoesNotTakeAnUntrustedDriversWord) {
  RatePort port(Zero::is_ignored);
  VfRateShaper shaper(port, RatePort::kIndex, capability_of("qede"), kLine);
  ASSERT_THAT(shaper.apply(2, kCeiling), IsOk());
  EXPECT_EQ(port.lists, 1);

  EXPECT_THAT(
      shaper.apply(2, Rate{}),
      FailsWith(Code::unsupported,
                "driver qede acknowledged a rate that is not in force: VF 2: no floor and no "
                "ceiling written, no floor and ceiling 2 Gbit/s found"));
}

TEST(VfRateShaper, ReplacesALimitThatTheDriverCannotTakeBack) {
  RatePort port(Zero::is_ignored);
  VfRateShaper shaper(port, RatePort::kIndex, capability_of("qede"), kLine);
  ASSERT_THAT(shaper.apply(2, kCeiling), IsOk());

  ASSERT_THAT(shaper.clear(2), IsOk());
  EXPECT_EQ(port.rates[2].ceiling, kLine);
}

}  // namespace
}  // namespace sluice
