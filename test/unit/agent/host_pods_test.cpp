// Annotated pods on the host's network, from the binding to the pod's end.
#include "agent/pods/host_pods.h"

#include "test/unit/agent/host_pods_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using HostPodsTest = HostPodsWorld;

TEST_F(HostPodsTest, RateAndSettingsAreInForceInPlace) {
  show({asking(R"([{"name": "rail", "floor": "10G", "ceiling": "20G", "vlan": 7, "count": 2}])")});
  look(0);
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_EQ(grants()[0].kind, Grant::Kind::pod);
  EXPECT_EQ(grants()[0].pod_uid, "uid-trainer");
  EXPECT_EQ(grants()[0].name, "ml/trainer");
  ASSERT_THAT(recorded(), SizeIs(2));
  for (const int index : {0, 1}) {
    EXPECT_EQ(rate(index), kRate);
    EXPECT_EQ(machine_.port().vf(index).info.vlan, VlanTag{.id = 7});
    const LaneRecord lane = recorded()[static_cast<std::size_t>(index)];
    EXPECT_EQ(lane.id, vf(index));
    EXPECT_TRUE(lane.is_in_place());
    EXPECT_EQ(lane.phase, Phase::attached);
    EXPECT_EQ(lane.asked, kRate);
    EXPECT_EQ(lane.owner.pod, "ml/trainer");
    EXPECT_EQ(lane.owner.pod_uid, "uid-trainer");
    EXPECT_NE(machine_.node().find("eth0v" + std::to_string(index)), nullptr) << "its link stays";
  }
  EXPECT_THAT(kubernetes_.told, IsEmpty());
}

TEST_F(HostPodsTest, ThePapersAnnotationIsServedToo) {
  configure(R"({"pods": {}})", R"(, "pods": {"interfaceNames": "eth"})");
  show({pod({{std::string(kPapersAnnotation), R"([{"min_tx_rate": 5000}, {}])"}})});
  look(0);
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(rate(0).floor, BitRate::gbps(5));
}

TEST_F(HostPodsTest, ThePlacementOfTheSchedulerIsFollowed) {
  HostPod placed = asking(R"([{"floor": "10G"}])");
  placed.facts.annotations[std::string(kPlacementAnnotation)] = encode_placement(
      {{.port = FakeMachine::kPort, .rate = {.floor = BitRate::gbps(10), .ceiling = {}}}});
  show({placed, asking(R"([{"floor": "10G"}])", "unplaced")});
  look(0);
  ASSERT_THAT(grants(), SizeIs(2));
  EXPECT_TRUE(grants()[0].follows_placement);
  EXPECT_FALSE(grants()[1].follows_placement);
}

TEST_F(HostPodsTest, WhatIsInForceIsNotWrittenAgain) {
  show({asking(kTwo)});
  look(0);
  const int writes = machine_.requests();
  for (const int second : {1, 2, 60}) look(second);
  show({asking(kTwo)});
  look(61);
  EXPECT_EQ(machine_.requests(), writes);
}

TEST_F(HostPodsTest, AnAgentThatStartsAgainKnowsTheLanes) {
  show({asking(kTwo)});
  look(0);
  const std::vector<Grant> granted = grants();
  start();
  look(1);
  EXPECT_THAT(recorded(), SizeIs(2)) << "nothing is known to have ended before the first list";
  const int writes = machine_.requests();
  show({asking(kTwo)});
  look(2);
  EXPECT_EQ(machine_.requests(), writes);
  EXPECT_EQ(grants(), granted);
}

TEST_F(HostPodsTest, ALaneThatACrashLeftHalfMadeIsMadeAgain) {
  show({asking(kTwo)});
  look(0);
  {
    LockedPort port = ledger_.lock(FakeMachine::kPort, std::chrono::seconds(5)).value();
    port.record().lanes[1].phase = Phase::reserved;
    ASSERT_THAT(port.save(), IsOk());
  }
  look(1);
  ASSERT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(recorded()[1].phase, Phase::attached);
  EXPECT_EQ(rate(1), kRate);
}

TEST_F(HostPodsTest, AfterARebootTheLanesAreMadeAgainOnTheSameVfs) {
  show({asking(kTwo)});
  look(0);
  const std::vector<Grant> granted = grants();
  ASSERT_EQ(machine_.port().set_vfs(0), 0);
  ASSERT_EQ(machine_.port().set_vfs(4), 0);
  boot_ = "boot-2";
  start();
  EXPECT_THAT(recorded(), IsEmpty());
  show({asking(kTwo)});
  look(0);
  EXPECT_EQ(grants(), granted);
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(rate(1), kRate);
}

TEST_F(HostPodsTest, LanesStayAsLongAsAProcessOfThePodLives) {
  show({asking(kTwo), asking("[{}]", "web")});
  look(0);
  process_of("uid-trainer");
  HostPod ending = asking(kTwo);
  ending.facts.is_ending = true;
  host_pods_->set(ending);
  for (const int second : {1, 2, 4}) look(second);
  EXPECT_EQ(rate(0), kRate);
  EXPECT_THAT(recorded(), SizeIs(3));
  no_process();
  host_pods_->drop("uid-trainer");
  look(5);
  ASSERT_THAT(recorded(), SizeIs(1));
  EXPECT_EQ(recorded()[0].owner.pod, "ml/web");
  EXPECT_EQ(rate(0), Rate());
  EXPECT_THAT(said_.str(), HasSubstr("took back the lanes of a pod on the host's network"));
}

TEST_F(HostPodsTest, APodThatWentWhileTheAgentWasDownLeavesNoLane) {
  show({asking(kTwo)});
  look(0);
  start();
  show({});
  look(0);
  expect_no_lanes();
  EXPECT_THAT(grants(), SizeIs(1)) << "EndedPods asks the server for it";
}

TEST_F(HostPodsTest, WhereNoProcessCanBeSeenNoPodHasEnded) {
  show({asking(kTwo)});
  look(0);
  std::filesystem::remove_all(dir_ / "proc/1");
  show({});
  look(1);
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_THAT(said_.str(), HasSubstr("the processes of pod 'uid-trainer' cannot be seen"));
}

TEST_F(HostPodsTest, LanesOfOthersInPlaceAreLeft) {
  LaneRequest request;
  request.made_of = OfVf{FakeMachine::vf(3)};
  request.owner.container_id = "claim-1";
  request.owner.ifname = vf(3);
  request.owner.beside = "claim";
  ASSERT_THAT(in_place_->attach(request), IsOk());
  show({});
  look(0);
  EXPECT_THAT(recorded(), SizeIs(1));
}

TEST_F(HostPodsTest, APodHasWhatItWasGrantedWhateverItAsksByNow) {
  show({asking(kTwo)});
  look(0);
  const std::vector<Grant> granted = grants();
  for (const HostPod& later : {pod({}), asking("[{}]"), asking("what?")}) {
    host_pods_->set(later);
    look(1);
    EXPECT_EQ(grants(), granted);
    EXPECT_THAT(recorded(), SizeIs(2));
  }
  EXPECT_THAT(kubernetes_.told, IsEmpty());
}

TEST_F(HostPodsTest, APodWhoseGrantWasLostKeepsItsLanesToItsEnd) {
  show({asking(kTwo)});
  look(0);
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  look(1);
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_THAT(grants(), IsEmpty());
  show({});
  look(2);
  expect_no_lanes();
}

TEST_F(HostPodsTest, PodsWithoutAnnotationAndNodesWithoutAShareHaveNone) {
  show({pod({}, "plain")});
  look(0);
  configure(R"({"classes": {}})");
  host_pods_->set(asking("[{}]"));
  look(1);
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(kubernetes_.told, IsEmpty());
  configure(R"({"pods": {}})");
  look(1 + static_cast<int>(HostPods::kLongest.count()));
  EXPECT_THAT(recorded(), SizeIs(1)) << "once there is a share";
}

TEST_F(HostPodsTest, ACallForThePodComesFirst) {
  show({asking(kTwo)});
  {
    const auto turn = turns_.take("uid-trainer", std::chrono::seconds(0));
    look(0);
    EXPECT_THAT(grants(), IsEmpty());
  }
  look(1);
  EXPECT_THAT(recorded(), SizeIs(2));
}

TEST_F(HostPodsTest, AfterItHasHandedOverItMakesNoGrants) {
  grants_made_->hand_over();
  show({asking(kTwo)});
  look(0);
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(HostPodsTest, AnAgentThatIsToStopBeginsNothing) {
  std::stop_source stop;
  stop.request_stop();
  show({asking(kTwo)});
  host_pods_->look(start_, stop.get_token());
  EXPECT_THAT(grants(), IsEmpty());
}

}  // namespace
}  // namespace sluice
