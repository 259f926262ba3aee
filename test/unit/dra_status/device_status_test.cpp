#include "dra/status/device_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/dra_status/lane_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Status = Condition::Status;

TEST(DeviceStatus, M3_OfAnAttachedLaneHasItsLinkAddressesAndRates) {
  const DeviceStatus status = LaneWorld().status();
  EXPECT_EQ(status.ready.status, Status::yes);
  EXPECT_EQ(status.bandwidth_enforced,
            (Condition{Status::yes, "ByPort", "25 Gbit/s promised, at most 40 Gbit/s"}));
  EXPECT_EQ(status.interface, "net1");
  EXPECT_EQ(status.hardware_address, "60:00:00:00:00:e1");
  EXPECT_THAT(status.addresses, ElementsAre("10.1.0.2/24", "fd00::2/64"));
  EXPECT_EQ(status.vf, "0000:3b:02.0");
  EXPECT_EQ(status.port, "0000:3b:00.0");
  EXPECT_EQ(status.rate, LaneWorld().rate);
  EXPECT_EQ(status.rdma_device, "mlx5_4");
}

TEST(DeviceStatus, OfALaneThatIsNotAttachedYetHasNoLink) {
  for (const Phase phase : {Phase::reserved, Phase::configured, Phase::releasing}) {
    LaneWorld world;
    world.lane.phase = phase;
    EXPECT_EQ(world.status(), prepared()) << to_string(phase);
  }
  EXPECT_EQ(prepared().ready.status, Status::no);
  EXPECT_EQ(prepared().bandwidth_enforced.status, Status::unknown);
  EXPECT_EQ(prepared().bandwidth_enforced.reason, "NotAttached");
  EXPECT_EQ(prepared().interface, "");
  EXPECT_THAT(prepared().addresses, IsEmpty());
  EXPECT_EQ(prepared().vf, "0000:3b:02.0");
}

TEST(DeviceStatus, OfAVfWithoutALinkNamesNone) {
  LaneWorld world;
  world.lane.link_index = 0;
  EXPECT_EQ(world.status().interface, "");
  EXPECT_EQ(world.status().hardware_address, "");
  EXPECT_EQ(world.status().ready.status, Status::yes);
}

TEST(DeviceStatus, OnTheHostsNetworkHasTheNameOfTheLinkItself) {
  LaneWorld world;
  world.lane.owner.netns = kHostNetwork;
  world.lane.home = {};
  world.lane.link_index = 0;
  LaneView view = world.view();
  view.host_link = "eth0v0";
  EXPECT_EQ(device_status(view).interface, "eth0v0");
}

TEST(DeviceStatus, AMacThatWasAskedForIsTheLanes) {
  LaneWorld world;
  world.lane.settings.mac = MacAddress({2, 0, 0, 0, 0, 1});
  EXPECT_EQ(world.status().hardware_address, "02:00:00:00:00:01");
}

TEST(DeviceStatus, OfARateThatReadsBackDifferentHasBothNumbers) {
  LaneWorld world;
  world.rate_drift = "VF 0: 25 Gbit/s written, 1 Gbit/s found";
  EXPECT_EQ(world.status().bandwidth_enforced,
            (Condition{Status::no, "RateDiffers", world.rate_drift}));
  EXPECT_EQ(world.status().ready.status, Status::yes);
}

TEST(DeviceStatus, WithAnotherVlanThanWrittenIsNotReady) {
  LaneWorld world;
  world.settings_drift = "VF 0: vlan 100 written, 7 found";
  EXPECT_EQ(world.status().ready, (Condition{Status::no, "SettingsDiffer", world.settings_drift}));
  EXPECT_EQ(world.status().bandwidth_enforced.status, Status::yes);
}

TEST(DeviceStatus, OfALostLinkHasNothingInForce) {
  LaneWorld world;
  world.lane.lost = Lost::link;
  EXPECT_EQ(world.status().ready.reason, "LaneLost");
  EXPECT_EQ(world.status().bandwidth_enforced.status, Status::no);
  EXPECT_THAT(world.status().bandwidth_enforced.message,
              HasSubstr("25 Gbit/s promised, at most 40 Gbit/s"));
}

TEST(DeviceStatus, OfALostRdmaDeviceIsNotReadyAndStillLimited) {
  LaneWorld world;
  world.lane.lost = Lost::rdma_device;
  EXPECT_THAT(world.status().ready.message, HasSubstr("RDMA device"));
  EXPECT_EQ(world.status().ready.status, Status::no);
  EXPECT_EQ(world.status().bandwidth_enforced.status, Status::yes);
}

TEST(DeviceStatus, OfAPortThatCameBackSlowerHasBothNumbers) {
  LaneWorld world;
  world.port.line_rate = BitRate::gbps(10);
  world.lane.in_force = {.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(10)};
  EXPECT_EQ(world.status().bandwidth_enforced,
            (Condition{Status::no, "PortTooSlow",
                       "25 Gbit/s promised, 10 Gbit/s kept: the line rate of the port is 10 "
                       "Gbit/s"}));
}

TEST(DeviceStatus, SaysByItsReasonHowThePortKeepsFloors) {
  LaneWorld world;
  world.port.driver = "mlx5_core";
  EXPECT_EQ(world.status().bandwidth_enforced.reason, "FloorByWeight");
  world.port.driver = "i40e";
  world.lane.in_force = {.floor = {}, .ceiling = BitRate::gbps(40)};
  EXPECT_EQ(world.status().bandwidth_enforced.reason, "FloorByCeilings");
  EXPECT_EQ(world.status().bandwidth_enforced.status, Status::yes);
  world.lane.in_force.ceiling = {};  // The only lane of its port.
  EXPECT_EQ(world.status().bandwidth_enforced.status, Status::yes);
  world.lane.in_force.ceiling = BitRate::gbps(20);
  EXPECT_EQ(world.status().bandwidth_enforced.reason, "PortTooSlow");
}

TEST(DeviceStatus, AWeighingPortHasNoFloorToWeighWhereNoneWasPromised) {
  LaneWorld world;
  world.port.driver = "mlx5_core";
  world.lane.asked.floor = {};
  EXPECT_EQ(world.status().bandwidth_enforced.reason, "ByPort");
}

TEST(DeviceStatus, OfAPortWithoutRatesIsNotEnforced) {
  LaneWorld world;
  world.port.driver = "ena";
  world.lane.asked = {};
  EXPECT_EQ(world.status().bandwidth_enforced,
            (Condition{Status::no, "PortEnforcesNoRates",
                       "driver ena limits nothing and guarantees nothing"}));
}

// A neighbour's arrival changes what is in force there, and is no reason to write.
TEST(DeviceStatus, IsTheSameWhereOnlyTheDivisionOfAPortChanges) {
  LaneWorld world;
  world.port.driver = "i40e";
  world.lane.in_force = {.floor = {}, .ceiling = BitRate::gbps(40)};
  const DeviceStatus before = world.status();
  world.lane.in_force.ceiling = BitRate::gbps(30);
  EXPECT_EQ(world.status(), before);
}

}  // namespace
}  // namespace sluice::dra
