#include "pkg/bandwidth/devlink_rate_shaper.h"

#include <gtest/gtest.h>

#include "test/fake/fake_devlink.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr Rate kRate = {.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)};
constexpr Rate kOther = {.floor = {}, .ceiling = BitRate::gbps(7)};

/// The legacy call: keeps what it is given. A cleared VF has kOther, as with a driver that does not
/// take zero.
struct LegacyRates final : Shaper {
  explicit LegacyRates(VfList& rates) : list(rates) {}

  Result<> apply(int vf, Rate rate) override {
    list.vfs.at(static_cast<std::size_t>(vf)).rate = rate;
    return {};
  }

  Result<> clear(int vf) override { return apply(vf, kOther); }

  Result<VfList> read_back() override { return list; }

  VfList& list;
};

struct DevlinkRateShaperTest : testing::Test {
  DevlinkRateShaperTest() {
    devlink.add(port, EswitchMode::switchdev, kVfs);
    for (int vf = 0; vf < kVfs; ++vf) legacy.vfs.push_back({.index = vf, .rate = kOther});
  }

  static constexpr int kVfs = 4;

  std::optional<Rate> rate_of(int vf) {
    const Result<VfList> list = shaper.read_back();
    EXPECT_THAT(list, IsOk());
    return list && list->find(vf) != nullptr ? list->find(vf)->rate : std::nullopt;
  }

  DevlinkRateShaper shaper_with(LeafRates leaves) {
    return {devlink, port, leaves, std::make_unique<LegacyRates>(legacy)};
  }

  const DevlinkDevice port = {.bus = "pci", .name = "0000:3b:00.0"};
  FakeDevlink devlink;
  VfList legacy = {.announced = kVfs};
  DevlinkRateShaper shaper = shaper_with(LeafRates::apart);
};

TEST_F(DevlinkRateShaperTest, AppliesAndClearsOneVf) {
  ASSERT_THAT(shaper.apply(2, kRate), IsOk());
  EXPECT_EQ(rate_of(2), kRate);
  EXPECT_EQ(rate_of(1), Rate{});

  ASSERT_THAT(shaper.clear(2), IsOk());
  EXPECT_EQ(rate_of(2), Rate{});
  EXPECT_EQ(legacy.find(2)->rate, kOther);
}

TEST_F(DevlinkRateShaperTest, VfsWithoutALeafAreTheLegacyCalls) {
  devlink.remove_leaf(port, 2);
  ASSERT_THAT(shaper.apply(2, kRate), IsOk());
  EXPECT_EQ(legacy.find(2)->rate, kRate);
  EXPECT_EQ(rate_of(2), kRate);
  ASSERT_THAT(shaper.clear(2), IsOk());
  EXPECT_EQ(rate_of(2), kOther);

  devlink.add(port, EswitchMode::switchdev, 1);  // The other VFs have no port either.
  ASSERT_THAT(shaper.apply(3, kRate), IsOk());
  EXPECT_EQ(legacy.find(3)->rate, kRate);
}

TEST_F(DevlinkRateShaperTest, VfsThatTheKernelLeftOutStayUnknown) {
  legacy.vfs.erase(legacy.vfs.begin() + 1);
  ASSERT_OK_AND_ASSIGN(const VfList list, shaper.read_back());
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.find(1), nullptr);
}

TEST_F(DevlinkRateShaperTest, TheLegacyListAloneIsReadWhereItShowsLeaves) {
  DevlinkRateShaper listed = shaper_with(LeafRates::listed);
  const int before = devlink.calls();
  ASSERT_OK_AND_ASSIGN(const VfList list, listed.read_back());
  EXPECT_EQ(list.find(1)->rate, kOther);
  EXPECT_EQ(devlink.calls(), before);
}

TEST_F(DevlinkRateShaperTest, AWriteTakesOneListOfPorts) {
  ASSERT_THAT(shaper.apply(2, kRate), IsOk());
  EXPECT_EQ(devlink.port_lists(), 1);
  EXPECT_EQ(devlink.calls(), 2);
}

TEST_F(DevlinkRateShaperTest, PassesOnWhatTheKernelSays) {
  devlink.fail(Error(Code::busy, "EBUSY"));
  EXPECT_THAT(shaper.apply(1, kRate),
              FailsWith(Code::busy, "find leaf of VF 1 of pci/0000:3b:00.0: EBUSY"));
  devlink.fail(Error(Code::unsupported, "EOPNOTSUPP"), 2);
  EXPECT_THAT(shaper.apply(1, kRate),
              FailsWith(Code::unsupported, "set rate of VF 1 of pci/0000:3b:00.0: EOPNOTSUPP"));
  EXPECT_EQ(legacy.find(1)->rate, kOther);
  devlink.fail(Error(Code::timed_out, "ETIMEDOUT"));
  EXPECT_THAT(shaper.read_back(),
              FailsWith(Code::timed_out, "read rates of pci/0000:3b:00.0: ETIMEDOUT"));
}

}  // namespace
}  // namespace sluice
