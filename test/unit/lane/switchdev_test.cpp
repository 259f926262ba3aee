#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;

/// The node's port in switchdev mode: rates are devlink's.
class SwitchdevLane : public NodeTest {
 protected:
  SwitchdevLane() {
    tree->write(SysfsTree::device(kPort) + "/net/eth0/phys_switch_id", "b8cef6\n");
    kernel->fake_devlink().add(port(), EswitchMode::switchdev, 4);
  }

  static DevlinkDevice port() { return DevlinkDevice::pci(*PciAddress::parse(kPort)); }

  RateObject leaf(int vf) {
    const auto number = kernel->fake_devlink().port_of_vf(port(), vf);
    return kernel->fake_devlink().leaf(port(), number->value())->value();
  }
};

TEST_F(SwitchdevLane, RatesGoThroughDevlinkAndAreTakenBack) {
  LaneRequest wanted = request(1);
  wanted.floor = BitRate::gbps(10);
  wanted.ceiling = BitRate::gbps(20);
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_EQ(leaf(1).tx_share, BitRate::gbps(10));
  EXPECT_EQ(leaf(1).tx_max, BitRate::gbps(20));
  EXPECT_THAT(kernel->log().matching("rate="), IsEmpty());
  EXPECT_THAT(lanes->check({"c1", "net1"}, NetNs::fake(netns("p1"))), IsOk());

  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(leaf(1).tx_share, BitRate());
  EXPECT_EQ(leaf(1).tx_max, BitRate());
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
