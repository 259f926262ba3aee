// Pod mode: the lanes that Kubernetes has given a pod, beside its own interface.
#include <unistd.h>

#include "test/unit/cni/pod_mode_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

using PodMode = PodModeTest;

TEST_F(PodMode, GivesAllLanesOfThePodBesideItsInterface) {
  give({gold(2), gold(0)});
  const auto result = perform(add_pod);

  ASSERT_TRUE(result) << result.error().message;
  ASSERT_TRUE(*result);
  EXPECT_THAT((*result)->interfaces, ElementsAre(conf.prev_result->interfaces[0],
                                                 Interface{.name = "net1",
                                                           .mac = "02:00:00:00:00:02",
                                                           .mtu = 1500,
                                                           .sandbox = "/run/netns/p1",
                                                           .pci_id = vf(2)},
                                                 Interface{.name = "net2",
                                                           .mac = "02:00:00:00:00:00",
                                                           .mtu = 1500,
                                                           .sandbox = "/run/netns/p1",
                                                           .pci_id = vf(0)}));
  EXPECT_EQ((*result)->ips, conf.prev_result->ips);
  EXPECT_EQ(rate(2).ceiling, BitRate::gbps(2));
  EXPECT_EQ(records()[0].class_name, "gold");
  EXPECT_EQ(records()[0].owner.beside, "eth0");
  EXPECT_THAT(pods.asked(),
              ElementsAre(PodId{.name_space = "default", .name = "web-0", .uid = "5f0c"}));
}

TEST_F(PodMode, APodWithoutLanesPassesThrough) {
  const auto result = perform(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, std::nullopt);
  EXPECT_THAT(pods.asked(), testing::SizeIs(1));
  EXPECT_THAT(kernel->log().matching("links: "), IsEmpty());
}

TEST_F(PodMode, AsksNoAgentWhereNothingIsOffered) {
  server.reset();
  ASSERT_THAT(aside->offers.save({}), IsOk());
  EXPECT_EQ(perform(add_pod).value(), std::nullopt);
  ASSERT_EQ(::unlink((dir / "lib/offers.json").c_str()), 0);
  EXPECT_EQ(perform(add_pod).value(), std::nullopt);
}

TEST_F(PodMode, AsksForEveryPodWhereAnyMayHaveLanesByAnnotation) {
  ASSERT_THAT(aside->offers.save({}), IsOk());
  ASSERT_THAT(aside->every_pod.set(), IsOk());
  give({});
  EXPECT_EQ(perform(add_pod).value(), std::nullopt);
  EXPECT_THAT(pods.asked(), SizeIs(1));
  server.reset();
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, "connect: ENOENT"));
  ASSERT_THAT(aside->every_pod.clear(), IsOk());
  EXPECT_EQ(perform(add_pod).value(), std::nullopt);
}

TEST_F(PodMode, RefusesWhereTheOffersCannotBeReadAndLeavesThemToTheAgent) {
  give({gold(1)});
  dir.write("lib/offers.json", "{");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::damaged, "offers.json"));
  }
  EXPECT_THAT(pods.asked(), testing::SizeIs(2));
  EXPECT_EQ(dir.read("lib/offers.json"), "{");
  expect_no_lane();
}

TEST_F(PodMode, AsksTheAgentWhileTheFileOfItsOffersIsMissing) {
  give({gold(1)});
  ASSERT_EQ(::unlink((dir / "lib/offers.json").c_str()), 0);
  EXPECT_TRUE(perform(add_pod).value());
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(PodMode, APodThatKubernetesDoesNotKnowPassesThrough) {
  server.reset();
  environment.args = {};
  EXPECT_EQ(perform(add_pod).value(), std::nullopt);
}

TEST_F(PodMode, C54_WithoutAnAgentAddIsTryAgainAndDelCleansUp) {
  give({gold(0), gold(1)});
  ASSERT_TRUE(perform(add_pod));
  server.reset();

  environment.container_id = "c2";
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, "connect: ENOENT"));
  EXPECT_TRUE(perform(del));
  EXPECT_EQ(recorded(), 2U);

  environment.container_id = "c1";
  EXPECT_TRUE(perform(del));
  EXPECT_TRUE(perform(del));
  for (int i = 0; i < 2; ++i) expect_baseline(i);
}

TEST_F(PodMode, PassesOnWhatTheAgentSays) {
  pods.fail(Error(Code::timed_out, "the kubelet does not answer"));
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, "the kubelet does not answer"));
  expect_no_lane();
}

TEST_F(PodMode, AllOrNone) {
  give({gold(0), gold(1), gold(2)});
  for (const char* const step : {"set_vf", "name=net"}) {
    const Error third = Error::from_errno(EINVAL, "the third");
    kernel->log().fail_on(step, third, 3);
    kernel->log().fail_on("/2 vlan=", third);  // Written alone, once all together were refused.
    const auto result = perform(add_pod);
    EXPECT_THAT(result, FailsAs(ErrorCode::invalid_config,
                                "attach " + vf(2) + " of class 'gold' as 'net3'"))
        << step;
    expect_no_lane();
    for (int i = 0; i < 3; ++i) expect_baseline(i);
  }
}

TEST_F(PodMode, UndoesTheLastLaneFirst) {
  give({gold(1), gold(0), gold(3)});
  ASSERT_THAT(attach(request(3, "c9", "net1", "p0")), IsOk());
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, "still held by container 'c9'"));
  const auto home = kernel->log().matching("name=eth0v");
  ASSERT_EQ(home.size(), 2U);
  EXPECT_THAT(home[0], testing::HasSubstr("eth0v0"));
  EXPECT_THAT(home[1], testing::HasSubstr("eth0v1"));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(PodMode, NamesAreTheAgentsOrTheNextThatAreFree) {
  LaneRequest there = request(3);  // net1 of the same pod
  ASSERT_THAT(attach(there), IsOk());
  give({gold(0), gold(1, "net2"), gold(2)});
  const auto result = perform(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT((*result)->interfaces,
              ElementsAre(Field(&Interface::name, "eth0"), Field(&Interface::name, "net3"),
                          Field(&Interface::name, "net2"), Field(&Interface::name, "net4")));
}

// As the papers have them, where the primary plugin leaves eth0 to us, and beside it.
TEST_F(PodMode, NamesThatAreToBeNumberedGetTheFirstNumbersThatAreFree) {
  give({gold(0, "eth%d"), gold(1, "eth2"), gold(2, "eth%d"), gold(3, "eth%d")});
  const auto result = perform(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT((*result)->interfaces,
              ElementsAre(Field(&Interface::name, "eth0"), Field(&Interface::name, "eth0"),
                          Field(&Interface::name, "eth2"), Field(&Interface::name, "eth1"),
                          Field(&Interface::name, "eth3")));
}

TEST_F(PodMode, RefusesNamesThatCannotBe) {
  give({gold(0, "a/b")});
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::internal, "to be called 'a/b'"));
  give({gold(0, "rdma0"), gold(1, "rdma0")});
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::internal, "to be called 'rdma0'"));
  give({gold(0, "eth0"), gold(1)});
  kernel->node().add_link({.name = "eth0"}, netns("p1"));
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::name_taken, "an interface 'eth0' already"));
  expect_no_lane();
}

TEST_F(PodMode, DelOfAnotherAttachmentLeavesTheLanesAlone) {
  give({gold(0)});
  ASSERT_TRUE(perform(add_pod));
  environment.ifname = "net1";  // The name of the lane, but not what brought it.
  EXPECT_TRUE(perform(del));
  EXPECT_NE(in_pod("net1"), nullptr);
}

TEST_F(PodMode, DelGoesOnAfterALaneThatFails) {
  give({gold(0), gold(1)});
  ASSERT_TRUE(perform(add_pod));
  kernel->log().fail_on("name=eth0v1", Error::from_errno(EINVAL, "rename"));
  EXPECT_THAT(perform(del), FailsAs(ErrorCode::try_again, "rename: EINVAL"));
  expect_baseline(0);
  EXPECT_TRUE(perform(del));
  expect_baseline(1);
}

TEST_F(PodMode, C71_CheckComparesEachLane) {
  give({gold(0), gold(1)});
  conf.prev_result = **perform(add_pod);
  server.reset();
  const auto checked = perform(check_pod);
  EXPECT_TRUE(checked) << checked.error().message;

  kernel->node().vf("eth0", 1).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(7)};
  EXPECT_THAT(perform(check_pod), FailsAs(ErrorCode::internal, "lane " + vf(1) + " differs"));
}

TEST_F(PodMode, C71_CheckSaysWhatPrevResultHasOtherwise) {
  give({gold(0)});
  conf.prev_result = **perform(add_pod);
  const AddResult given = *conf.prev_result;
  conf.prev_result->interfaces[1].mac = "02:00:00:00:00:99";
  EXPECT_THAT(perform(check_pod), FailsAs(ErrorCode::mismatch, "02:00:00:00:00:99"));
  conf.prev_result = given;
  conf.prev_result->interfaces.pop_back();
  EXPECT_THAT(perform(check_pod), FailsAs(ErrorCode::invalid_config, "no interface 'net1'"));
  conf.prev_result = given;
  ASSERT_TRUE(perform(del));
  EXPECT_THAT(perform(check_pod),
              FailsAs(ErrorCode::mismatch, "lane " + vf(0) + " of prevResult ('net1') is not"));
}

TEST_F(PodMode, CheckOfAPodWithoutLanesIsSuccess) {
  EXPECT_TRUE(perform(check_pod));
}

TEST_F(PodMode, C74_GcKeepsTheLanesOfKnownAttachments) {
  give({gold(0), gold(1)});
  ASSERT_TRUE(perform(add_pod));
  conf.keep = {{"c1", "eth0"}};
  ASSERT_TRUE(perform(gc));
  EXPECT_EQ(recorded(), 2U);
  conf.keep = {{"c1", "net1"}};
  ASSERT_TRUE(perform(gc));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(PodMode, C54_C76_StatusIsUnavailableWithoutAnAgent) {
  const auto ask = [&](const Task& task) { return status(task, dir / "run"); };
  EXPECT_TRUE(perform(ask));
  server.reset();
  EXPECT_THAT(perform(ask), FailsAs(ErrorCode::unavailable, "connect: ENOENT"));
  ASSERT_THAT(aside->offers.save({}), IsOk());
  EXPECT_TRUE(perform(ask));
}

TEST_F(PodMode, ALaneHasTheRateAndSettingsThatTheAgentSays) {
  PodLane lane = gold(0);
  lane.rate = Rate{.floor = BitRate::mbps(500), .ceiling = BitRate::gbps(1)};
  lane.settings.vlan = VlanTag{.id = 7};
  give({lane});
  ASSERT_TRUE(perform(add_pod).value());
  EXPECT_EQ(rate(0).floor, BitRate::mbps(500));
  EXPECT_EQ(rate(0).ceiling, BitRate::gbps(1));
  EXPECT_EQ(kernel->node().vf("eth0", 0).info.vlan, VlanTag{.id = 7});
}

TEST_F(PodMode, ALaneWhoseRateIsMoreThanWasOfferedIsRefused) {
  PodLane lane = gold(0);
  lane.rate = Rate{.floor = BitRate::gbps(5), .ceiling = {}};
  give({lane});
  EXPECT_FALSE(perform(add_pod));
  expect_no_lane();
}

}  // namespace
}  // namespace sluice::cni
