#include <cerrno>

#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

class ModelEswitch : public ModelTest {
 protected:
  static DevlinkDevice device() {
    return DevlinkDevice::pci(*PciAddress::parse(FakeMachine::kPort));
  }

  Devlink& devlink() { return kernel().fake_devlink(); }

  std::optional<EswitchMode> mode() { return *devlink().eswitch_mode(device()); }

  std::optional<std::uint32_t> leaf() {
    const auto ports = devlink().vf_ports(device()).value();
    const auto port = ports.find(0);
    return port != ports.end() ? std::optional(port->second) : std::nullopt;
  }

  bool has_switch_id() {
    const std::string path = SysfsTree::device(FakeMachine::kPort) + "/net/" +
                             port().port().link.name + "/phys_switch_id";
    return machine->sysfs().read(path)->has_value();
  }
};

TEST_F(ModelEswitch, ASwitchIdSaysNothingAboutTheMode) {
  for (const char* const legacy : {"mlx5", "ice", "bnxt_en", "netdevsim"}) {
    plug(legacy);
    EXPECT_TRUE(has_switch_id()) << legacy;
    EXPECT_EQ(mode(), EswitchMode::legacy) << legacy;
    EXPECT_EQ(leaf(), std::nullopt) << legacy;
  }
  plug("i40e");
  EXPECT_TRUE(has_switch_id());
  EXPECT_EQ(mode(), std::nullopt);
  for (const char* const without : {"ixgbe", "igb", "qede", "ipoib"}) {
    plug(without);
    EXPECT_FALSE(has_switch_id()) << without;
    EXPECT_EQ(mode(), std::nullopt) << without;
  }
}

TEST_F(ModelEswitch, LeavesAreThereInSwitchdevModeAndNotOfBnxt) {
  plug("mlx5_switchdev");
  EXPECT_EQ(mode(), EswitchMode::switchdev);
  EXPECT_NE(leaf(), std::nullopt);
  plug("bnxt_en");
  port().port().eswitch = EswitchMode::switchdev;
  machine->node().changed();
  EXPECT_EQ(mode(), EswitchMode::switchdev);
  EXPECT_EQ(leaf(), std::nullopt);
  EXPECT_EQ(set({.rate = ceiling(100)}), 0);
}

TEST_F(ModelEswitch, Mlx5KeepsOneRateForBothInterfaces) {
  plug("mlx5_switchdev");
  const RateChange wanted{
      .tx_share = BitRate::mbps(10), .tx_max = BitRate::mbps(20), .parent = std::nullopt};
  ASSERT_THAT(devlink().set_leaf(device(), *leaf(), wanted), IsOk());
  EXPECT_EQ(reported().rate, rate(10, 20));
  EXPECT_EQ(port().programmed(0), rate(10, 20));

  EXPECT_EQ(set({.rate = ceiling(5)}), 0);
  EXPECT_EQ(port().programmed(0), ceiling(5));
  EXPECT_EQ((*devlink().leaf(device(), *leaf()))->tx_max, BitRate::mbps(20))
      << "devlink reads what was written through it";
  EXPECT_THAT(devlink().set_leaf(device(), *leaf(),
                                 {.tx_share = {}, .tx_max = BitRate::gbps(101), .parent = {}}),
              FailsWith(Code::invalid_argument, "EINVAL"));
}

TEST_F(ModelEswitch, Mlx5InSwitchdevModeRefusesMostSettings) {
  plug("mlx5_switchdev");
  EXPECT_EQ(set({.mac = mac(1), .vlan = VlanTag(), .rate = Rate()}), 0);
  EXPECT_EQ(set({.vlan = VlanTag{.id = 7}}), EOPNOTSUPP);
  EXPECT_EQ(set({.spoofchk = true}), EOPNOTSUPP);
  EXPECT_EQ(set({.trust = false}), EOPNOTSUPP);
  EXPECT_EQ(set({.link_state = VfLinkState::enable}), EOPNOTSUPP);
}

TEST_F(ModelEswitch, AReloadOfMlx5EndsSwitchdevMode) {
  plug("mlx5_switchdev");
  port().reset();
  EXPECT_EQ(mode(), EswitchMode::legacy);
  EXPECT_EQ(leaf(), std::nullopt);
}

}  // namespace
}  // namespace sluice
