#include "agent/published/published_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/published/node_lanes_step.h"
#include "pkg/json/document.h"
#include "test/support/golden.h"
#include "test/unit/agent/published_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PublishedNode : public PublishedWorld {
 protected:
  PublishedPort shown() const { return published().ports.at(0); }

  PublishedShare pods() const { return shown().pods; }

  static PublishedShare share(int vfs, BitRate bandwidth) {
    return {.vfs = vfs, .bandwidth = bandwidth};
  }
};

TEST_F(PublishedNode, SaysWhatThePortsAreAndWhatEachShareMayUse) {
  const NodeLanes node = published();
  EXPECT_EQ(node.node, "node-a");
  EXPECT_EQ(node.uid, kUid);
  EXPECT_EQ(node.domain, "sluice.dev");
  ASSERT_EQ(node.ports.size(), 1u);
  EXPECT_EQ(node.ports[0], (PublishedPort{.name = kPort,
                                          .link = port().link,
                                          .medium = Medium::ethernet,
                                          .numa_node = port().numa_node,
                                          .driver = "mlx5_core",
                                          .line_rate = BitRate::gbps(100),
                                          .usable = BitRate::gbps(90),
                                          .vfs = 8,
                                          .floor_enforcement = "weight",
                                          .ceiling_enforcement = "hardware",
                                          .trouble = {},
                                          .classes = share(4, BitRate::gbps(40)),
                                          .claims = {},
                                          .pods = share(4, BitRate::gbps(50))}));
  EXPECT_THAT(node.held, IsEmpty());
}

TEST_F(PublishedNode, SaysWhichNetworksPodsCanHave) {
  configure(R"({"classes": {"vfs": 4, "bandwidth": "40G"}, "pods": {}})",
            R"([{"name": "storage", "select": {"vfs": "4-7"}},
                {"name": "some", "select": {"vfs": "5-7"}},
                {"name": "front"}])");
  EXPECT_THAT(pods().networks, ElementsAre("storage", "front"));
  EXPECT_THAT(shown().classes.networks, IsEmpty());
  port().vfs.at(4).state = VfState::unbound;
  EXPECT_THAT(pods().networks, ElementsAre("storage", "front")) << "as the agent will judge";
}

TEST_F(PublishedNode, SaysNoMoreNetworksThanAReaderTakes) {
  std::string networks;
  for (int i = 0; i < 65; ++i) {
    networks += fmt::format("{}{{\"name\": \"rail{}\"}}", networks.empty() ? "[" : ", ", i);
  }
  configure(R"({"pods": {}})", networks + "]");
  EXPECT_EQ(pods().networks.size(), kMostPublishedNetworks);
}

TEST_F(PublishedNode, CountsOffersByClassWithoutWithdrawals) {
  offer(0, BitRate::gbps(10));
  offer(1, BitRate::gbps(10), OfferState::withdrawn);
  EXPECT_THAT(published().classes,
              ElementsAre(
                  PublishedClass{
                      .name = "gold", .rate = {BitRate::gbps(10), BitRate::gbps(20)}, .offered = 1},
                  PublishedClass{.name = "any", .rate = {}, .offered = 0}));
}

TEST_F(PublishedNode, DoesNotChangeWithAPodWhereTheSchedulerPlacedIt) {
  const NodeLanes before = published();
  grant(Grant::Kind::pod, 4, BitRate::gbps(20));
  EXPECT_EQ(published(), before);
  lane(4, BitRate::gbps(20), "pod-4");
  EXPECT_EQ(published(), before);
}

TEST_F(PublishedNode, APodPlacedElsewhereIsHeldWithAllItsLanes) {
  Grant& elsewhere = grant(Grant::Kind::pod, 4, BitRate::gbps(20));
  elsewhere.vfs.push_back({.vf = vf(5), .port = kPort, .rate = {{}, BitRate::gbps(3)}});
  elsewhere.follows_placement = false;
  EXPECT_THAT(published().held,
              ElementsAre(HeldPod{.uid = "pod-4",
                                  .name_space = "ml",
                                  .name = "pod-4",
                                  .lanes = {{.port = kPort, .rate = {BitRate::gbps(20), {}}},
                                            {.port = kPort, .rate = {{}, BitRate::gbps(3)}}}}));
  EXPECT_EQ(pods(), share(4, BitRate::gbps(50)));
}

// test/kubelet/apiserver holds it against the definition.
TEST_F(PublishedNode, IsWrittenAsTheApiServerTakesIt) {
  offer(0, BitRate::gbps(10));
  lane(6, BitRate::gbps(5), "x");
  port().numa_node.reset();
  configure(R"({"classes": {"vfs": 4, "bandwidth": "40G"}, "pods": {"bandwidth": "50G"}})",
            R"([{"name": "storage"}])");
  nlohmann::json object = parse_document(owner_patch(published()));
  object.merge_patch(parse_document(status_patch(published())));
  EXPECT_JSON_EQ_GOLDEN(object.dump(), "node_lanes_written.json");
}

// By a NetworkAttachmentDefinition.
TEST_F(PublishedNode, APodWithALaneOfNoGrantIsHeld) {
  lane(6, BitRate::gbps(5), "x");
  EXPECT_THAT(published().held,
              ElementsAre(HeldPod{.uid = "x",
                                  .name_space = "ml",
                                  .name = "of-x",
                                  .lanes = {{.port = kPort, .rate = {BitRate::gbps(5), {}}}}}));
  EXPECT_EQ(pods(), share(4, BitRate::gbps(50)));
}

TEST_F(PublishedNode, APodWithBothIsHeldWithBoth) {
  grant(Grant::Kind::pod, 4, BitRate::gbps(20));
  lane(4, BitRate::gbps(20), "pod-4");
  lane(6, BitRate::gbps(5), "pod-4");
  const std::vector<HeldPod> held = published().held;
  ASSERT_EQ(held.size(), 1u);
  EXPECT_THAT(held[0].lanes, ElementsAre(HeldLane{.port = kPort, .rate = {BitRate::gbps(20), {}}},
                                         HeldLane{.port = kPort, .rate = {BitRate::gbps(5), {}}}));
}

// The scheduler counts it for the pods' share no more; else its placement annotation would.
TEST_F(PublishedNode, APodWhoseVfIsInAnotherShareByNowIsHeldWithoutIt) {
  grant(Grant::Kind::pod, 0, BitRate::gbps(20)).follows_placement = false;
  const std::vector<HeldPod> held = published().held;
  ASSERT_EQ(held.size(), 1u);
  EXPECT_THAT(held[0].lanes, IsEmpty());
}

TEST_F(PublishedNode, LanesOfOtherSharesAreNotHeld) {
  lane(0, BitRate::gbps(5), "x");
  grant(Grant::Kind::claim, 1, BitRate::gbps(5));
  EXPECT_THAT(published().held, IsEmpty());
  EXPECT_EQ(pods(), share(4, BitRate::gbps(50)));
}

TEST_F(PublishedNode, APodCannotHaveWhatAnotherFrontEndHoldsStill) {
  offer(4, BitRate::gbps(10), OfferState::withdrawn);
  grant(Grant::Kind::claim, 5, BitRate::gbps(15));
  EXPECT_EQ(pods(), share(2, BitRate::gbps(25)));
}

TEST_F(PublishedNode, NorWhatALaneOfNoPodHas) {
  lane(4, BitRate::gbps(10), "");
  EXPECT_EQ(pods(), share(3, BitRate::gbps(40)));
  EXPECT_THAT(published().held, IsEmpty());
}

TEST_F(PublishedNode, NorBandwidthThatOthersTookBeyondTheirShare) {
  lane(0, BitRate::gbps(40), "x");
  EXPECT_EQ(pods().bandwidth, BitRate::gbps(50));
  lane(1, BitRate::gbps(20), "y");
  EXPECT_EQ(pods(), share(4, BitRate::gbps(30)));
}

TEST_F(PublishedNode, NorAVfOfWhichNoLaneCanBeMade) {
  port().vfs.at(4).state = VfState::unbound;
  EXPECT_EQ(pods(), share(3, BitRate::gbps(50)));
}

TEST_F(PublishedNode, SaysHowManyVfsAreBoundToVfio) {
  port().vfs.at(0).state = VfState::vfio;
  port().vfs.at(5).state = VfState::vfio;
  port().vfs.at(6).state = VfState::vfio;
  EXPECT_EQ(pods().vfs, 4);
  EXPECT_EQ(pods().vfio_vfs, 2);
  grant(Grant::Kind::pod, 5, BitRate::gbps(20));
  EXPECT_EQ(pods().vfio_vfs, 2) << "taken or not";
  grant(Grant::Kind::claim, 6, BitRate::gbps(5));
  EXPECT_EQ(pods().vfio_vfs, 1);
}

TEST_F(PublishedNode, SaysWhichLanesOfHeldPodsAreBoundToVfio) {
  port().vfs.at(5).state = VfState::vfio;
  port().vfs.at(6).state = VfState::vfio;
  Grant& elsewhere = grant(Grant::Kind::pod, 4, BitRate::gbps(20));
  elsewhere.vfs.push_back({.vf = vf(5), .port = kPort, .rate = {}});
  elsewhere.follows_placement = false;
  lane(6, BitRate::gbps(5), "pod-4");
  const std::vector<HeldPod> held = published().held;
  ASSERT_EQ(held.size(), 1u);
  EXPECT_THAT(held[0].lanes,
              ElementsAre(HeldLane{.port = kPort, .rate = {BitRate::gbps(20), {}}, .vfio = false},
                          HeldLane{.port = kPort, .rate = {}, .vfio = true},
                          HeldLane{.port = kPort, .rate = {BitRate::gbps(5), {}}, .vfio = true}));
}

TEST_F(PublishedNode, APortWithoutCarrierIsInTroubleAndKeepsItsNumbers) {
  port().carrier = false;
  port().line_rate.reset();
  node_.after.at(0).line_rate = BitRate::gbps(100);
  EXPECT_EQ(shown().trouble, "port 0000:3b:00.0 has no carrier");
  EXPECT_EQ(shown().line_rate, BitRate::gbps(100));
  EXPECT_EQ(pods(), share(4, BitRate::gbps(50)));
  EXPECT_THAT(ports_for_pods(published()), IsEmpty());
}

TEST_F(PublishedNode, APortWithoutDriverIsInTrouble) {
  port().state = PortState::unbound;
  EXPECT_EQ(shown().trouble, "port 0000:3b:00.0 has no driver");
}

// No lane is admitted then.
TEST_F(PublishedNode, APortWhoseWireCarriesLessThanIsPromisedIsInTrouble) {
  lane(4, BitRate::gbps(40), "x");
  port().line_rate = BitRate::gbps(25);
  EXPECT_EQ(shown().trouble,
            "port 0000:3b:00.0: 40 Gbit/s are promised, its line rate is 25 Gbit/s");
}

TEST_F(PublishedNode, APortWithoutARuleHasNothingToGive) {
  node_.config = std::make_shared<const Config>();
  EXPECT_EQ(shown().vfs, 8);
  EXPECT_EQ(shown().usable, BitRate());
  EXPECT_EQ(shown().classes, PublishedShare());
  EXPECT_EQ(pods(), PublishedShare());
}

}  // namespace
}  // namespace sluice
