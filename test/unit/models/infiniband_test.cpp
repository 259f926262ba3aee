#include <cerrno>

#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

class ModelInfiniband : public ModelTest {
 protected:
  void SetUp() override { plug("ipoib"); }

  int move_device(std::uint64_t to) {
    for (const auto& [index, device] : machine->node().rdma()->devices) {
      if (device.function != port().vf(0).function) continue;
      FakeRdmaDevices devices(machine->node().rdma(), device.netns);
      return errno_of(devices.move_to(index, NetNs::fake(to)));
    }
    return ENODEV;
  }
};

TEST_F(ModelInfiniband, AMacOfSixBytesIsRefusedBeforeAnythingIsDone) {
  const NetNs target = NetNs::fake(pod);
  EXPECT_EQ(change({.netns = &target, .mac = mac(1), .name = "net1"}), EINVAL);
  EXPECT_EQ(machine->node().netns_of(port().vf(0).function), FakeNode::kHost);
}

TEST_F(ModelInfiniband, VfsTakeLinkStateAndGuidsAlone) {
  EXPECT_EQ(set({.mac = mac(1)}), EOPNOTSUPP);
  EXPECT_EQ(set({.vlan = VlanTag()}), EOPNOTSUPP);
  EXPECT_EQ(set({.spoofchk = false}), EOPNOTSUPP);
  EXPECT_EQ(set({.trust = false}), EOPNOTSUPP);
  EXPECT_EQ(set({.link_state = VfLinkState::automatic}), 0);
  EXPECT_EQ(set({.node_guid = 7}), 0);
  const VfInfo vf = reported();
  EXPECT_EQ(vf.spoofchk, false);
  EXPECT_EQ(vf.rate, Rate());
  EXPECT_EQ(vf.mac, std::nullopt);
}

TEST_F(ModelInfiniband, AMoveOfTheDeviceEndsTheLinkAndMakesOneAtHome) {
  ASSERT_EQ(move_to_pod(), 0);
  const int index = port().link_of(0)->link.index;
  EXPECT_EQ(move_device(pod), 0);
  EXPECT_EQ(machine->node().find("net1", pod), nullptr);
  const FakeLink& made = *port().link_of(0);
  EXPECT_EQ(machine->node().netns_of(port().vf(0).function), FakeNode::kHost);
  EXPECT_EQ(made.link.name, "ib1");
  EXPECT_NE(made.link.index, index);
  EXPECT_FALSE(made.link.up);
  EXPECT_EQ(move_to_pod(), 0) << "the right order";
}

TEST_F(ModelInfiniband, OnNewKernelsTheLinkIsMadeWhereTheDeviceWent) {
  machine->node().version = KernelVersion::v7_3;
  EXPECT_EQ(move_device(pod), 0);
  EXPECT_EQ(machine->node().netns_of(port().vf(0).function), pod);
  EXPECT_EQ(port().link_of(0)->link.name, "ib0");
}

TEST_F(ModelInfiniband, ADyingNamespaceGivesDeviceAndLinkBack) {
  ASSERT_EQ(move_device(pod), 0);
  ASSERT_EQ(move_to_pod(), 0);
  machine->node().kill_netns(pod);
  EXPECT_EQ(machine->node().netns_of(port().vf(0).function), FakeNode::kHost);
  EXPECT_FALSE(port().link_of(0)->link.up);
}

}  // namespace
}  // namespace sluice
