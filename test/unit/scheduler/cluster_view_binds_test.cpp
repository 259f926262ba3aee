#include "test/unit/scheduler/books.h"

namespace sluice {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(Books, CountABindFromTheMomentItIsDecided) {
  ASSERT_OK_AND_ASSIGN(const PodPlacement placement, assume("a", 60));
  EXPECT_THAT(placement,
              ElementsAre(PlacedLane{.port = pods_port(0, 0).name,
                                     .rate = {.floor = BitRate::gbps(60), .ceiling = {}}}));
  EXPECT_EQ(free(), "40/7");
  EXPECT_THAT(assume("b", 60), FailsWith(Code::exhausted, "40 Gbit/s of 100 Gbit/s free"));

  view.undo("uid-a");
  EXPECT_EQ(free(), "100/8");
  EXPECT_THAT(assume("b", 60), IsOk());
}

TEST_F(Books, PlaceALaneOnAVfThatIsBoundAsItAsks) {
  std::vector<PublishedPort> ports = {pods_port(0, 100), pods_port(1, 50)};
  ports[1].pods.vfio_vfs = 1;
  add_node("m", ports);
  PodFacts facts = pod_facts("a", {});
  facts.annotations.emplace(kLanesAnnotation, R"([{"driver": "vfio-pci"}])");
  const AskedPod asked = asked_pod(facts);
  ASSERT_OK_AND_ASSIGN(const PodPlacement placement, view.assume(asked.facts, "m", *asked.ask));
  EXPECT_THAT(placement, ElementsAre(PlacedLane{.port = ports[1].name, .rate = {}, .vfio = true}));
  EXPECT_EQ(free("m"), "100/8 50/7");

  facts.node = "m";
  facts.annotations.emplace(kPlacementAnnotation, encode_placement(placement));
  view.set_pod(facts);
  EXPECT_EQ(free("m"), "100/8 50/7") << "as a leader reads it that comes later";
}

TEST_F(Books, KeepABindThroughWhatTheApiSaidBefore) {
  ASSERT_THAT(assume("a", 60), IsOk());
  view.set_pod(pod_facts("a", {"60G"}));
  EXPECT_EQ(free(), "40/7");
  view.confirm("uid-a");
  view.set_pod(pod_facts("a", {"60G"}));
  EXPECT_EQ(free(), "40/7");

  view.set_pod(bound_pod("a", "n", 60));
  EXPECT_EQ(free(), "40/7");
  view.undo("uid-a");
  EXPECT_EQ(free(), "40/7") << "the API shows it: there is nothing to undo";
}

TEST_F(Books, KeepBindsThatAreYoungerThanTheList) {
  ASSERT_THAT(assume("old", 10), IsOk());
  ASSERT_THAT(assume("gone", 10), IsOk());
  view.begin(Listed::pods);
  ASSERT_THAT(assume("young", 10), IsOk());
  view.set_pod(pod_facts("old", {"10G"}));
  view.end(Listed::pods);

  EXPECT_EQ(free(), "80/6");
}

TEST_F(Books, BindAPodOnce) {
  ASSERT_THAT(assume("a", 10), IsOk());
  EXPECT_THAT(assume("a", 10), FailsWith(Code::busy, "is being bound"));
  view.doubt("uid-a", seconds(5));
  EXPECT_THAT(assume("a", 10),
              FailsWith(Code::busy, "not known yet whether the pod is bound to node n"));
  view.confirm("uid-a");
  EXPECT_THAT(assume("a", 10), FailsWith(Code::already_exists, "is bound to node n"));
  EXPECT_EQ(free(), "90/7");
}

TEST_F(Books, RefuseNodesThatAreNotThere) {
  EXPECT_THAT(assume("a", 10, "m"), FailsWith(Code::not_found, "node m is not there"));
  view.drop_node("n");
  EXPECT_THAT(assume("a", 10), FailsWith(Code::not_found, "node n is not there"));
  view.set_node("bare");
  EXPECT_THAT(assume("a", 10, "bare"), FailsWith(Code::exhausted, "no NodeLanes"));
}

TEST_F(Books, CountABindOfUnknownOutcomeUntilItIsSettled) {
  ASSERT_THAT(assume("a", 10), IsOk());
  EXPECT_TRUE(view.has_doubts());
  view.doubt("uid-a", seconds(5));
  EXPECT_THAT(view.doubts(seconds(4)), IsEmpty());
  ASSERT_THAT(view.doubts(seconds(5)), SizeIs(1));
  EXPECT_EQ(view.doubts(seconds(5))[0].name, "a");
  EXPECT_EQ(free(), "90/7");

  view.set_pod(bound_pod("a", "n", 10));
  EXPECT_FALSE(view.has_doubts());
  EXPECT_EQ(free(), "90/7");
}

TEST_F(Books, CountTheClassesOfPods) {
  PublishedPort port = pods_port(0, 100);
  port.classes = {.vfs = 4, .bandwidth = BitRate::gbps(40)};
  NodeLanes lanes = lanes_of("n", {port});
  lanes.classes = {{.name = "gold", .rate = {.floor = BitRate::gbps(10), .ceiling = {}}}};
  view.set_node_lanes("n", lanes);
  PodFacts pod = pod_facts("a", {});
  pod.node = "n";
  pod.classes = {{"gold", 2}, {"unknown", 1}};
  view.set_pod(pod);
  const auto state = [this] { return view.state("n"); };
  EXPECT_EQ(state()->classes_held, BitRate::gbps(20));
  EXPECT_EQ(free(), "100/8");

  view.drop_pod("uid-a");
  EXPECT_EQ(state()->classes_held, BitRate());
}

TEST_F(Books, DoNotRememberPodsWithoutLanes) {
  PodFacts plain = pod_facts("a", {});
  plain.node = "n";
  view.set_pod(plain);
  EXPECT_EQ(view.counts().pods, 0u);
}

TEST_F(Books, IgnoreAPlacementThatMakesNoSense) {
  PodFacts pod = bound_pod("a", "n", 10);
  pod.annotations[std::string(kPlacementAnnotation)] = "{";
  view.set_pod(pod);
  EXPECT_EQ(free(), "100/8");
}

TEST_F(Books, AreSummedUp) {
  view.set_node("bare");
  view.set_pod(bound_pod("a", "n", 10));
  ASSERT_THAT(assume("b", 10), IsOk());
  ASSERT_THAT(assume("c", 10), IsOk());
  view.doubt("uid-c", seconds(1));
  const ClusterView::Counts counts = view.counts();

  EXPECT_EQ(counts.nodes, 2u);
  EXPECT_EQ(counts.usable_nodes, 1u);
  EXPECT_EQ(counts.pods, 3u);
  EXPECT_EQ(counts.assumed, 2u);
  EXPECT_EQ(counts.doubtful, 1u);
}

}  // namespace
}  // namespace sluice
