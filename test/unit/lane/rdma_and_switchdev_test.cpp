#include "pkg/inventory/locate_vf.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// The node with an RDMA device for every VF, and the namespace mode to be chosen.
class RdmaLane : public NodeTest {
 protected:
  RdmaLane() {
    tree = std::make_unique<SysfsTree>();
    tree->pf(kPort, {.vfs = 4, .driver = "mlx5_core", .rdma = true});
    sysfs = std::make_unique<Dir>(tree->root());
    device = locate_vf(*sysfs, SysfsTree::vf(kPort, 0))->rdma_device;
    kernel->node().rdma()->add(device, FakeNode::kHost);
    restart();
  }

  std::uint64_t home_of_device() { return kernel->node().rdma()->devices.at(0).netns; }

  std::string device;
};

TEST_F(RdmaLane, C34_InSharedModeTheDeviceStaysAndIsNamed) {
  kernel->node().rdma()->mode = RdmaNetnsMode::shared;
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_EQ(lane.rdma_device, device);
  EXPECT_EQ(lane.record.rdma_device, "");
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
}

TEST_F(RdmaLane, InExclusiveModeTheDeviceGoesAlongAndComesBack) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_EQ(lane.record.rdma_device, device);
  EXPECT_EQ(home_of_device(), netns("p1"));
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
  expect_baseline(0);
}

TEST_F(RdmaLane, ADeviceThatCannotMoveUndoesTheLink) {
  kernel->node().rdma()->devices.at(0).movable = false;
  EXPECT_THAT(attach(request(0)), FailsWith(Code::unsupported, "move RDMA device"));
  expect_baseline(0);
}

TEST_F(RdmaLane, RenumberedCharacterDevicesUndoTheAttach) {
  kernel->node().rdma()->on_move = [&] {
    const std::string verbs = SysfsTree::device(vf(0)) + "/infiniband_verbs";
    tree->remove(verbs + "/uverbs1").write(verbs + "/uverbs9/ibdev", device + "\n");
  };
  EXPECT_THAT(attach(request(0)),
              FailsWith(Code::busy, "renumbered the character devices of VF 0000:3b:02.0"));
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
  expect_baseline(0);
}

TEST_F(RdmaLane, ADeviceThatIsElsewhereIsBusy) {
  kernel->node().rdma()->devices.at(0).netns = netns("p0");
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "is not in the host's namespace"));
  expect_baseline(0);
}

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

  kernel->fake_devlink().fail(Error::from_errno(EIO, "devlink"));
  EXPECT_THAT(detach(), FailsWith(Code::internal, "EIO"));
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(leaf(1).tx_share, BitRate());
  EXPECT_EQ(leaf(1).tx_max, BitRate());
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
