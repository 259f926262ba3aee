#include <cerrno>

#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

using ModelResets = ModelTest;
using testing::Not;

TEST_F(ModelResets, IceResetsAFreshVfForVlanZeroAndNotTwice) {
  plug("ice");
  EXPECT_EQ(set({.vlan = VlanTag()}), 0);
  EXPECT_GT(port().vf(0).resetting, 0);
  port().settle();
  EXPECT_EQ(set({.vlan = VlanTag()}), 0);
  EXPECT_EQ(port().vf(0).resetting, 0);
}

TEST_F(ModelResets, I40eResetsNoFreshVfForVlanZero) {
  plug("i40e");
  EXPECT_EQ(set({.vlan = VlanTag(), .spoofchk = true, .trust = false}), 0);
  EXPECT_EQ(port().vf(0).resetting, 0);
  EXPECT_EQ(set({.link_state = VfLinkState::disable}), 0);
  EXPECT_EQ(port().vf(0).resetting, 0);
  EXPECT_EQ(set({.link_state = VfLinkState::automatic}), 0);
  EXPECT_GT(port().vf(0).resetting, 0);
}

TEST_F(ModelResets, OnOldKernelsALinkInAResetIsDetached) {
  plug("ice", KernelVersion::v6_1);
  ASSERT_EQ(set({.vlan = VlanTag()}), 0);
  EXPECT_EQ(move_to_pod(), ENODEV);
  const FakeLink& link = *port().link_of(0);
  EXPECT_EQ(link.link.name, "net1") << "the flags come last";
  EXPECT_FALSE(link.link.up);
  EXPECT_EQ(change({.mtu = 9000}), ENODEV);
  port().settle();
  EXPECT_EQ(change({.mtu = 9000, .up = true}), 0);
  EXPECT_TRUE(port().can_send(0));
}

TEST_F(ModelResets, OnNewerKernelsUpWaitsForTheEndOfAReset) {
  plug("ice");
  ASSERT_EQ(set({.vlan = VlanTag()}), 0);
  EXPECT_EQ(move_to_pod(), 0);
  EXPECT_TRUE(port().can_send(0));
}

TEST_F(ModelResets, AMacWrittenInAResetIsLost) {
  for (const auto& [version, answer] :
       {std::pair(KernelVersion::v6_1, ENODEV), std::pair(KernelVersion::v6_12, EACCES),
        std::pair(KernelVersion::v7_3, EAGAIN)}) {
    plug("i40e", version);
    const MacAddress own = link_mac();
    ASSERT_EQ(set({.trust = true}), 0);
    EXPECT_EQ(change({.mac = mac(4)}), answer);
    port().settle();
    EXPECT_EQ(link_mac(), own);
  }
}

TEST_F(ModelResets, APortAnswersForNoVfThatResetsUnasked) {
  for (const auto& [model, answer] : {std::pair("ice", EBUSY), std::pair("i40e", EAGAIN)}) {
    plug(model);
    port().reset_vf(0);
    ASSERT_OK_AND_ASSIGN(const VfList list, kernel().links().vfs(port().port().link.index));
    EXPECT_FALSE(list.complete()) << model;
    EXPECT_EQ(set({.spoofchk = false}), answer);
    port().settle();
    EXPECT_EQ(set({.spoofchk = false}), 0);
  }
}

TEST_F(ModelResets, Mlx5MakesLinkAndDeviceOfARecoveredFunctionAtHome) {
  plug("mlx5");
  ASSERT_EQ(move_to_pod(), 0);
  const int index = port().link_of(0)->link.index;
  ASSERT_TRUE(port().recreate_vf(0));
  EXPECT_EQ(machine->node().netns_of(port().vf(0).function), FakeNode::kHost);
  EXPECT_NE(port().link_of(0)->link.index, index);
  EXPECT_FALSE(port().link_of(0)->link.up);
  EXPECT_NE(link_mac(), MacAddress({2, 0, 0, 0, 0, 0})) << "random again, none was given";
}

TEST_F(ModelResets, CarrierOfVfsFollowsThePortsUnlessTold) {
  plug("mlx5");
  ASSERT_EQ(move_to_pod(0), 0);
  port().lose_carrier();
  EXPECT_FALSE(port().link_of(0)->link.carrier);
  EXPECT_EQ(set({.link_state = VfLinkState::enable}), 0);
  EXPECT_TRUE(port().link_of(0)->link.carrier);
  port().restore_carrier();
  EXPECT_EQ(set({.link_state = VfLinkState::disable}), 0);
  EXPECT_FALSE(port().link_of(0)->link.carrier);
}

TEST_F(ModelResets, DriversWithoutALinkStateRefuseIt) {
  plug("igb");
  EXPECT_EQ(set({.link_state = VfLinkState::enable}), EOPNOTSUPP);
  plug("ixgbe");
  EXPECT_EQ(set({.link_state = VfLinkState::enable}), 0);
  EXPECT_EQ(reported().link_state, VfLinkState::automatic);
}

TEST_F(ModelResets, NetdevsimReportsNoProtocolForATagThatWasNeverWritten) {
  plug("netdevsim");
  EXPECT_EQ(reported().vlan->protocol, 0);
  EXPECT_EQ(set({.vlan = VlanTag()}), 0);
  EXPECT_EQ(reported().vlan, VlanTag());
}

TEST_F(ModelResets, QedeReportsNoSpoofCheckWhileTheVfIsDown) {
  plug("qede");
  ASSERT_EQ(set({.mac = mac(1), .spoofchk = true}), 0);
  EXPECT_EQ(reported().spoofchk, false);
  port().settle();
  ASSERT_EQ(move_to_pod(), 0);
  EXPECT_EQ(reported().spoofchk, true);
}

TEST_F(ModelResets, CountsOfVfsFailAsTheDriverFails) {
  for (const auto& [model, answer] :
       {std::pair("igb", EPERM), std::pair("i40e", EPERM), std::pair("ice", EOPNOTSUPP)}) {
    plug(model);
    ASSERT_EQ(port().set_vfs(0), 0);
    EXPECT_EQ(port().set_vfs(9), answer) << model;
  }
  plug("bnxt_en");
  ASSERT_EQ(port().set_vfs(0), 0);
  ASSERT_THAT(kernel().links().change(port().port().link.index, {.up = false}), IsOk());
  EXPECT_EQ(port().set_vfs(4), 0);
  EXPECT_EQ(port().vfs(), 0) << "silently none";
}

TEST_F(ModelResets, NewVfsTakeTheCarrierAwayForAWhile) {
  plug("igb");
  ASSERT_EQ(port().set_vfs(0), 0);
  ASSERT_EQ(port().set_vfs(4), 0);
  EXPECT_FALSE(port().port().link.carrier);
  EXPECT_EQ(set({.rate = Rate()}), EINVAL);
  port().settle();
  EXPECT_EQ(set({.rate = Rate()}), 0);
}

}  // namespace
}  // namespace sluice
