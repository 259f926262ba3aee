#include "pkg/bandwidth/devlink_rate_shaper.h"

#include <gtest/gtest.h>

#include "test/fake/fake_devlink.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr Rate kRate = {.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)};

struct DevlinkRateShaperTest : testing::Test {
  DevlinkRateShaperTest() { devlink.add(port, EswitchMode::switchdev, kVfs); }

  static constexpr int kVfs = 4;

  std::optional<Rate> rate_of(int vf) {
    const Result<VfList> list = shaper.read_back();
    EXPECT_THAT(list, IsOk());
    return list && list->find(vf) != nullptr ? list->find(vf)->rate : std::nullopt;
  }

  const DevlinkDevice port = {.bus = "pci", .name = "0000:3b:00.0"};
  FakeDevlink devlink;
  DevlinkRateShaper shaper{devlink, port, kVfs};
};

TEST_F(DevlinkRateShaperTest, AppliesAndClearsOneVf) {
  ASSERT_THAT(shaper.apply(2, kRate), IsOk());
  EXPECT_EQ(rate_of(2), kRate);
  EXPECT_EQ(rate_of(1), Rate{});

  ASSERT_THAT(shaper.clear(2), IsOk());
  EXPECT_EQ(rate_of(2), Rate{});
}

TEST_F(DevlinkRateShaperTest, ReadsBackEveryVfThatHasALeaf) {
  ASSERT_OK_AND_ASSIGN(const VfList all, shaper.read_back());
  EXPECT_TRUE(all.complete());

  DevlinkRateShaper more(devlink, port, kVfs + 1);
  ASSERT_OK_AND_ASSIGN(const VfList some, more.read_back());
  EXPECT_FALSE(some.complete());
  EXPECT_EQ(some.find(kVfs), nullptr);
}

TEST_F(DevlinkRateShaperTest, SaysWhichVfHasNoLeaf) {
  EXPECT_THAT(shaper.apply(9, kRate),
              FailsWith(Code::not_found, "VF 9 of pci/0000:3b:00.0 has no devlink-rate leaf"));

  const DevlinkDevice legacy = {.bus = "pci", .name = "0000:5e:00.0"};
  devlink.add(legacy, EswitchMode::legacy, kVfs);
  EXPECT_THAT(DevlinkRateShaper(devlink, legacy, kVfs).apply(0, kRate),
              FailsWith(Code::not_found, "VF 0 of pci/0000:5e:00.0 has no devlink-rate leaf"));
}

TEST_F(DevlinkRateShaperTest, PassesOnWhatTheKernelSays) {
  devlink.fail(Error(Code::busy, "EBUSY"));
  EXPECT_THAT(shaper.apply(1, kRate),
              FailsWith(Code::busy, "find leaf of VF 1 of pci/0000:3b:00.0: EBUSY"));
  devlink.fail(Error(Code::unsupported, "EOPNOTSUPP"), 2);
  EXPECT_THAT(shaper.apply(1, kRate),
              FailsWith(Code::unsupported, "set rate of VF 1 of pci/0000:3b:00.0: EOPNOTSUPP"));
  EXPECT_EQ(rate_of(1), Rate{});
  devlink.fail(Error(Code::timed_out, "ETIMEDOUT"));
  EXPECT_THAT(shaper.read_back(),
              FailsWith(Code::timed_out, "read rates of pci/0000:3b:00.0: ETIMEDOUT"));
}

}  // namespace
}  // namespace sluice
