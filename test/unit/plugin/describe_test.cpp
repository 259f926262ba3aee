#include "plugin/describe.h"

#include <gtest/gtest.h>

namespace sluice::plugin {
namespace {

Port port() {
  return {.address = *PciAddress::parse("0000:3b:00.0"),
          .state = PortState::ready,
          .carrier = true,
          .numa_node = 1};
}

Vf vf(VfState state = VfState::ready) {
  return {.address = *PciAddress::parse("0000:3b:02.1"),
          .state = state,
          .driver = "mlx5_core",
          .rdma_device = "mlx5_3",
          .char_devices = {"uverbs3", "umad3"}};
}

TEST(Describe, SaysWhatAPodWouldGet) {
  const Device expected{.id = "0000:3b:02.1",
                        .port = "0000:3b:00.0",
                        .numa_node = 1,
                        .rdma_device = "mlx5_3",
                        .char_devices = {"uverbs3", "umad3"}};
  EXPECT_EQ(describe(port(), vf()), expected);
}

TEST(Describe, AVfInAPodOrForAVirtualMachineIsHealthy) {
  EXPECT_EQ(describe(port(), vf(VfState::away)).unhealthy, "");
  EXPECT_EQ(describe(port(), vf(VfState::vfio)).unhealthy, "");
}

TEST(Describe, AVfForAVirtualMachineHasItsGroup) {
  Vf bound = vf(VfState::vfio);
  bound.iommu_group = "12";
  EXPECT_EQ(describe(port(), bound).vfio_group, "12");
}

TEST(Describe, D07_ATroubledVfSaysWhy) {
  EXPECT_EQ(describe(port(), vf(VfState::unbound)).unhealthy, "no driver is bound to it");
  EXPECT_EQ(describe(port(), vf(VfState::pending)).unhealthy,
            "its driver mlx5_core has made no link");
}

TEST(Describe, D07_ATroubledPortMakesItsVfsUnhealthy) {
  Port down = port();
  down.carrier = false;
  EXPECT_EQ(describe(down, vf()).unhealthy, "port 0000:3b:00.0 has no carrier");
  EXPECT_TRUE(describe(down, vf()).awaits_carrier);
  const auto in_state = [](PortState state) {
    Port troubled = port();
    troubled.state = state;
    return describe(troubled, vf()).unhealthy;
  };
  EXPECT_EQ(in_state(PortState::unbound), "port 0000:3b:00.0 has no driver");
  EXPECT_EQ(in_state(PortState::no_link), "port 0000:3b:00.0 has no link");
  EXPECT_EQ(in_state(PortState::away), "port 0000:3b:00.0 is in another network namespace");
}

TEST(Describe, OnlyWhatLacksNothingElseAwaitsItsCarrier) {
  Port down = port();
  down.carrier = false;
  EXPECT_FALSE(describe(port(), vf()).awaits_carrier);
  EXPECT_FALSE(describe(down, vf(VfState::unbound)).awaits_carrier);
  down.state = PortState::no_link;
  EXPECT_FALSE(describe(down, vf()).awaits_carrier);
}

}  // namespace
}  // namespace sluice::plugin
