#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "pkg/netlink/links.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// A port with at least two VFs, up with carrier, of at least 1 Gbit/s and a driver that sets
/// ceilings: igb in the lab.
struct VfsWorld {
  std::shared_ptr<void> owner;  ///< Whatever must outlive the rest.
  std::unique_ptr<Links> links;
  int port = 0;
  int vfs = 0;
  bool floors = false;  ///< The driver takes floors.
};

class VfsContract : public testing::TestWithParam<std::function<VfsWorld()>> {
 protected:
  // Every test leaves the VFs as it found them: the lab has the same ones for all.
  void TearDown() override { EXPECT_THAT(world_.links->set_vf(world_.port, 1, kBaseline), IsOk()); }

  static Rate ceiling(std::uint64_t mbps) { return {.floor = {}, .ceiling = BitRate::mbps(mbps)}; }

  Result<> set(const VfSettings& settings) {
    return world_.links->set_vf(world_.port, 1, settings);
  }

  VfInfo read(int vf = 1) {
    const auto list = world_.links->vfs(world_.port);
    EXPECT_THAT(list, IsOk());
    const VfInfo* const info = list ? list->find(vf) : nullptr;
    EXPECT_NE(info, nullptr);
    return info != nullptr ? *info : VfInfo();
  }

  const VfSettings kBaseline{.vlan = VlanTag(), .rate = Rate(), .spoofchk = true, .trust = false};
  VfsWorld world_ = GetParam()();
};

TEST_P(VfsContract, ListsAllByIndex) {
  ASSERT_OK_AND_ASSIGN(const VfList list, world_.links->vfs(world_.port));
  EXPECT_TRUE(list.complete());
  ASSERT_EQ(list.vfs.size(), static_cast<std::size_t>(world_.vfs));
  for (int i = 0; i < world_.vfs; ++i) EXPECT_EQ(list.vfs[static_cast<std::size_t>(i)].index, i);
}

TEST_P(VfsContract, SetsTogetherWhatIsGivenAndLeavesTheRest) {
  const VfInfo neighbour = read(0);
  const MacAddress mac({2, 0, 0, 0, 0, 0x31});
  ASSERT_THAT(set({.mac = mac, .vlan = VlanTag{.id = 100, .qos = 3}, .rate = ceiling(100)}),
              IsOk());
  ASSERT_THAT(set({.spoofchk = false}), IsOk());
  const VfInfo vf = read();
  EXPECT_EQ(vf.mac, mac);
  EXPECT_EQ(vf.vlan, (VlanTag{.id = 100, .qos = 3}));
  EXPECT_EQ(vf.rate, ceiling(100));
  EXPECT_EQ(vf.spoofchk, false);
  EXPECT_EQ(read(0), neighbour);
}

TEST_P(VfsContract, ZeroCeilingTakesTheLimitBack) {
  ASSERT_THAT(set({.rate = ceiling(100)}), IsOk());
  ASSERT_THAT(set({.rate = Rate()}), IsOk());
  EXPECT_EQ(read().rate, Rate());
}

TEST_P(VfsContract, FloorIsTheDriversDecision) {
  const Rate both{.floor = BitRate::mbps(50), .ceiling = BitRate::mbps(100)};
  if (world_.floors) {
    ASSERT_THAT(set({.rate = both}), IsOk());
    EXPECT_EQ(read().rate, both);
    return;
  }
  EXPECT_THAT(set({.rate = both}), FailsWith(Code::invalid_argument, "EINVAL"));
  EXPECT_EQ(read().rate, Rate());
}

TEST_P(VfsContract, CeilingBelowTheFloorIsRefused) {
  EXPECT_THAT(set({.rate = Rate{.floor = BitRate::mbps(100), .ceiling = BitRate::mbps(50)}}),
              FailsWith(Code::invalid_argument, "EINVAL"));
}

TEST_P(VfsContract, RefusalKeepsWhatTheKernelAppliedBefore) {
  EXPECT_THAT(set({.vlan = VlanTag{.id = 7},
                   .rate = Rate{.floor = BitRate::mbps(100), .ceiling = BitRate::mbps(50)},
                   .spoofchk = false}),
              FailsWith(Code::invalid_argument, "EINVAL"));
  const VfInfo vf = read();
  EXPECT_EQ(vf.vlan, VlanTag{.id = 7});
  EXPECT_EQ(vf.spoofchk, true);
}

TEST_P(VfsContract, MissingVfIsInvalid) {
  EXPECT_THAT(world_.links->set_vf(world_.port, world_.vfs, {.rate = ceiling(100)}),
              FailsWith(Code::invalid_argument, "EINVAL"));
}

TEST_P(VfsContract, ValuesThatDoNotFitTheInterfaceAreNotSent) {
  EXPECT_THAT(set({.rate = Rate{.floor = {}, .ceiling = BitRate::bits_per_second(1'500'000)}}),
              FailsWith(Code::invalid_argument, "ceiling: want whole Mbit/s below 2147483648"));
  EXPECT_THAT(set({.rate = ceiling(std::uint64_t{1} << 31)}),
              FailsWith(Code::invalid_argument, "want whole Mbit/s below 2147483648"));
  EXPECT_THAT(set({.vlan = VlanTag{.id = 4095}}),
              FailsWith(Code::invalid_argument, "want VLAN 0-4094"));
  EXPECT_THAT(world_.links->set_vf(world_.port, -1, {.rate = ceiling(100)}),
              FailsWith(Code::invalid_argument, "want a VF index, got -1"));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(VfsContract);

}  // namespace sluice
