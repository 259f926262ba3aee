// A reset of a VF's function makes its link and RDMA device again, in the host's namespace.
#include "test/unit/lane/lost_lane_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using LostLink = LostLaneTest;

TEST_F(LostLink, ALaneInOrderIsNeitherLockedNorAskedFor) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  machine_->kernel().log().clear();
  const Result<LockedPort> locked = ledger_.lock(kPort, std::chrono::milliseconds(0));
  ASSERT_THAT(locked, IsOk());
  EXPECT_THAT(bring_back(), IsEmpty());
  EXPECT_THAT(machine_->kernel().log().lines(), IsEmpty());
}

TEST_F(LostLink, LinkAndRdmaDeviceAreBroughtInAgainAsTheyWere) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  const Home home = record().home;
  ASSERT_TRUE(port().recreate_vf(0));
  port().vf(0).info.vlan = VlanTag();
  const std::vector<LaneReturn> news = bring_back();
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_EQ(news[0].lost, Lost::link);
  EXPECT_EQ(news[0].failure, "");
  EXPECT_EQ(news[0].char_devices, record().char_devices);
  EXPECT_EQ(record().home, home);
  EXPECT_EQ(in_pod()->link.mac, home.mac);
  expect_in_pod();
  EXPECT_THAT(bring_back(), IsEmpty());
  ASSERT_THAT(lanes_->detach({"c1", "net1"}), IsOk());
  expect_released();
}

TEST_F(LostLink, InSharedModeTheLinkAloneIsMoved) {
  plug("mlx5", RdmaNetnsMode::shared);
  ASSERT_THAT(give(request()), IsOk());
  ASSERT_TRUE(port().recreate_vf(0));
  ASSERT_THAT(bring_back(), SizeIs(1));
  expect_in_pod();
}

TEST_F(LostLink, ALinkWithAnotherMacGetsThatOfTheLane) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  ASSERT_TRUE(port().recreate_vf(0));
  // A firmware that has lost the MAC which the port gave.
  port().link_of(0)->link.mac = MacAddress({2, 9, 9, 9, 9, 9});
  ASSERT_THAT(bring_back(), SizeIs(1));
  EXPECT_EQ(in_pod()->link.mac, record().home.mac);
  EXPECT_TRUE(port().can_send(0));
  expect_in_pod();
}

TEST_F(LostLink, AnRdmaDeviceThatIsLostAloneIsMovedAndTheLinkLeftAlone) {
  plug("bnxt_en");
  ASSERT_THAT(give(request()), IsOk());
  const int index = in_pod()->link.index;
  in_pod()->link.mtu = 1400;  // The pod's own business.
  port().recreate_rdma(0);
  machine_->kernel().log().clear();
  const std::vector<LaneReturn> news = bring_back();
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_EQ(news[0].lost, Lost::rdma_device);
  EXPECT_EQ(news[0].failure, "");
  EXPECT_EQ(netns_of_rdma(), *node().netns_at(kPod));
  EXPECT_EQ(in_pod()->link.index, index);
  EXPECT_EQ(in_pod()->link.mtu, 1400);
  for (const std::string& line : machine_->kernel().log().lines()) {
    EXPECT_THAT(line, testing::Not(HasSubstr("set_vf")));
    EXPECT_THAT(line, testing::Not(HasSubstr("change")));
  }
}

TEST_F(LostLink, ALaneOfANamespaceThatIsGoneIsLeftToRecovery) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  ASSERT_TRUE(port().recreate_vf(0));
  node().kill_netns(*node().netns_at(kPod));
  EXPECT_THAT(bring_back(), IsEmpty());
  EXPECT_THAT(lanes_->recover(), IsOk());
  expect_released();
}

TEST_F(LostLink, WhatCannotBeBroughtInStaysItsPodsAndIsTriedAgainLater) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  ASSERT_TRUE(port().recreate_vf(0));
  machine_->kernel().log().fail_on("name=net1", Error::from_errno(ENOMEM, "move"));
  const std::vector<LaneReturn> news = bring_back();
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_THAT(news[0].failure, HasSubstr("ENOMEM"));
  EXPECT_EQ(record().lost, Lost::link);
  EXPECT_EQ(record().phase, Phase::attached);
  const NetNs pod = NetNs::fake(*node().netns_at(kPod));
  EXPECT_THAT(lanes_->check({"c1", "net1"}, pod), FailsWith(Code::busy, "has lost its link"));
  EXPECT_THAT(give(request("c2")), FailsWith(Code::busy, "still held by container 'c1'"));
  EXPECT_THAT(lanes_->recover(), IsOk());
  EXPECT_EQ(record().lost, Lost::link);

  EXPECT_THAT(bring_back(), IsEmpty());  // Too early.
  restart();                             // A process that has not waited yet.
  ASSERT_THAT(bring_back(Look::lost), SizeIs(1));
  expect_in_pod();
}

TEST_F(LostLink, ALostLaneIsReleasedAsAnyOther) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  ASSERT_TRUE(port().recreate_vf(0));
  machine_->kernel().log().fail_on("name=net1", Error::from_errno(ENOMEM, "move"));
  ASSERT_THAT(bring_back(), SizeIs(1));
  ASSERT_THAT(lanes_->detach({"c1", "net1"}), IsOk());
  expect_released();
}

TEST_F(LostLink, OtherCharacterDevicesThanContainersHaveAreReported) {
  plug("mlx5");
  ASSERT_THAT(give(request()), IsOk());
  const std::vector<std::string> given = record().char_devices;
  port().lose_vf(0);
  node().rdma()->add("other", FakeNode::kHost);  // It takes the numbers that are free now.
  port().find_vf(0);
  const std::vector<LaneReturn> news = bring_back();
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_EQ(news[0].failure, "");
  EXPECT_NE(news[0].char_devices, given);
  EXPECT_EQ(record().char_devices, given);
  expect_in_pod();
}

}  // namespace
}  // namespace sluice
