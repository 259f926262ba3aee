#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// A port with four VFs, whose switch id sysfs shows: most drivers have one in either mode.
class EswitchLane : public NodeTest {
 protected:
  void plug_eswitch(const std::string& driver, EswitchMode mode) {
    plug(driver, "100000", {.floors = driver != "i40e"});
    tree->write(SysfsTree::device(kPort) + "/net/eth0/phys_switch_id", "b8cef6\n");
    tree->write(SysfsTree::device(kPort) + "/net/eth0/phys_port_name", "p0\n");
    devlink().add(device_, mode, 4);
  }

  // Leaf and legacy call set one value, as on mlx5 and netdevsim.
  void list_leaves() {
    devlink().on_leaf_change([this](const DevlinkDevice&, int vf, const Rate& rate) {
      kernel->node().vf("eth0", vf).info.rate = rate;
    });
  }

  FakeDevlink& devlink() { return kernel->fake_devlink(); }

  static LaneRequest limited(int vf) {
    LaneRequest wanted = request(vf);
    wanted.floor = BitRate::gbps(10);
    wanted.ceiling = BitRate::gbps(20);
    return wanted;
  }

  Rate leaf(int vf) {
    const std::uint32_t port = devlink().vf_ports(device_)->at(vf);
    const RateObject found = devlink().leaf(device_, port)->value();
    return {.floor = found.tx_share, .ceiling = found.tx_max};
  }

  Result<Lane> check() { return lanes->check({"c1", "net1"}, NetNs::fake(netns("p1"))); }

  static constexpr Rate kWritten = {.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(20)};
  DevlinkDevice device_ = DevlinkDevice::pci(*PciAddress::parse(kPort));
};

TEST_F(EswitchLane, InSwitchdevModeRatesGoThroughDevlinkAndAreTakenBack) {
  plug_eswitch("mlx5_core", EswitchMode::switchdev);
  list_leaves();
  ASSERT_THAT(attach(limited(1)), IsOk());
  EXPECT_EQ(leaf(1), kWritten);
  EXPECT_THAT(kernel->log().matching("rate="), IsEmpty());
  EXPECT_THAT(check(), IsOk());

  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(leaf(1), Rate());
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(EswitchLane, ALeafThatAReleaseCouldNotClearIsClearedLater) {
  plug_eswitch("mlx5_core", EswitchMode::switchdev);
  list_leaves();
  ASSERT_THAT(attach(limited(1)), IsOk());
  devlink().fail(Error::from_errno(EIO, "devlink"), 3);  // After the mode and the list of ports.
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(leaf(1), kWritten);
  ASSERT_THAT(lanes->finish_resets(kPort), IsOk());
  EXPECT_EQ(leaf(1), Rate());
}

TEST_F(EswitchLane, ASwitchIdInLegacyModeChangesNothing) {
  for (const char* const driver : {"mlx5_core", "ice", "bnxt_en", "nfp", "i40e"}) {
    SCOPED_TRACE(driver);
    plug_eswitch(driver, EswitchMode::legacy);
    LaneRequest wanted = limited(1);
    if (driver == std::string("i40e")) wanted.floor = BitRate();
    ASSERT_THAT(attach(wanted), IsOk());
    EXPECT_EQ(rate(1).ceiling, BitRate::gbps(20));
    EXPECT_THAT(check(), IsOk());
    returned_as(1, "net1");
    ASSERT_THAT(detach(), IsOk());
    expect_baseline(1);
  }
}

TEST_F(EswitchLane, AnInstanceWithoutAModeIsLegacy) {
  plug("mlx5_core", "100000", {});  // Not its eswitch's manager: EOPNOTSUPP.
  tree->write(SysfsTree::device(kPort) + "/net/eth0/phys_switch_id", "b8cef6\n");
  ASSERT_THAT(attach(limited(1)), IsOk());
  EXPECT_EQ(rate(1), kWritten);
}

TEST_F(EswitchLane, AVfWithoutALeafIsTheLegacyCalls) {
  plug_eswitch("ice", EswitchMode::switchdev);
  devlink().remove_leaf(device_, 1);  // DCB was on when its representor was made.
  ASSERT_THAT(attach(limited(1)), IsOk());
  ASSERT_THAT(attach(request(2, "c2", "net2")), IsOk());
  EXPECT_EQ(rate(1), kWritten);
  EXPECT_THAT(check(), IsOk());
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(rate(1), Rate());
}

TEST_F(EswitchLane, WhatALeafHasIsReadFromDevlinkWhereVfListsLackIt) {
  plug_eswitch("ice", EswitchMode::switchdev);
  ASSERT_THAT(attach(limited(1)), IsOk());
  EXPECT_EQ(leaf(1), kWritten);
  EXPECT_NE(rate(1), kWritten);
  EXPECT_THAT(check(), IsOk());

  const std::uint32_t port = devlink().vf_ports(device_)->at(1);
  ASSERT_THAT(devlink().set_leaf(device_, port, {.tx_max = BitRate()}), IsOk());
  EXPECT_THAT(check(), FailsWith(Code::internal, "ceiling 20 Gbit/s"));
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, SizeIs(1));
  EXPECT_EQ(leaf(1), kWritten);
}

TEST_F(EswitchLane, WhatTheLegacyCallWroteIsSeenWhereLeavesAreListed) {
  plug_eswitch("mlx5_core", EswitchMode::switchdev);
  list_leaves();
  ASSERT_THAT(attach(limited(1)), IsOk());
  kernel->node().vf("eth0", 1).info.rate = Rate();  // ip link set eth0 vf 1 max_tx_rate 0
  EXPECT_THAT(check(), FailsWith(Code::internal, "ceiling 20 Gbit/s"));
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, SizeIs(1));
  EXPECT_EQ(rate(1), kWritten);
}

TEST_F(EswitchLane, DriversThatNeverHaveLeavesAskNothingOfDevlink) {
  for (const char* const driver : {"bnxt_en", "nfp", "i40e", "igb", "qede"}) {
    SCOPED_TRACE(driver);
    plug_eswitch(driver, EswitchMode::switchdev);
    ASSERT_THAT(attach(request(1)), IsOk());
    ASSERT_THAT(detach(), IsOk());
    EXPECT_EQ(devlink().calls(), 0);
  }
}

TEST_F(EswitchLane, AskedIsTheInstanceThatThePortsLinkBelongsTo) {
  plug_eswitch("netdevsim", EswitchMode::legacy);
  FakeLink& port = *kernel->node().find("eth0");
  port.link.parent_bus = "netdevsim";
  port.link.parent_device = "netdevsim10";
  device_ = {.bus = "netdevsim", .name = "netdevsim10"};
  devlink().add(device_, EswitchMode::switchdev, 4);
  ASSERT_THAT(attach(limited(1)), IsOk());
  EXPECT_EQ(leaf(1), kWritten);
}

TEST_F(EswitchLane, ALookAtAllVfsTakesOneListOfPorts) {
  plug_eswitch("ice", EswitchMode::switchdev);
  for (int vf = 0; vf < 4; ++vf) {
    ASSERT_THAT(attach(request(vf, fmt::format("c{}", vf), fmt::format("net{}", vf))), IsOk());
  }
  const int before = devlink().port_lists();
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  EXPECT_EQ(devlink().port_lists(), before + 1);
}

}  // namespace
}  // namespace sluice
