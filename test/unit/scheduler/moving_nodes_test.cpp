// Where pods of classes can go while offers move.
#include "scheduler/moving_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scheduler/decisions.h"
#include "test/unit/scheduler/scheduler_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::_;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kMoves = "offers move to class gold, of which 2 more are wished";

/// Node "n" offers no gold, and copper of which it is to give 2 for gold; on "other" nothing moves.
class OffersMove : public testing::Test {
 protected:
  OffersMove() {
    wish("n", {{.class_name = "gold", .lanes = 2}});
    wish("other", {});
  }

  void wish(const std::string& node, std::vector<ClassWish> wishes, int gold = 0, int copper = 4) {
    NodeLanes lanes = lanes_of(node, {pods_port(0, 100)});
    lanes.classes = {{.name = "gold", .rate = {}, .offered = gold},
                     {.name = "copper", .rate = {}, .offered = copper}};
    lanes.wishes = std::move(wishes);
    view.set_node(node);
    view.set_node_lanes(node, lanes);
  }

  static PodFacts pod_of(const std::string& name, std::map<std::string, int> classes,
                         const std::string& node = "") {
    PodFacts pod = pod_facts(name, {});
    pod.classes = std::move(classes);
    pod.node = node;
    return pod;
  }

  void bind(const std::string& name, std::map<std::string, int> classes, const std::string& node) {
    view.set_pod(pod_of(name, std::move(classes), node));
  }

  json filter(const PodFacts& pod) {
    ExtenderArgs args{.by_name = true};
    args.names = {"n", "other"};
    return json::parse(decisions.filter(asked_pod(pod), args).json());
  }

  json nodes_for(const PodFacts& pod) { return filter(pod)["NodeNames"]; }

  const json both = {"n", "other"};
  const json other = {"other"};

  std::chrono::nanoseconds clock{0};
  ClusterView view;
  Decisions decisions{view, Policy::best_suited, [this] { return clock; }};
};

TEST_F(OffersMove, KeepPodsAwayThatWouldTakeThem) {
  bind("held", {{"copper", 2}}, "n");

  const json answer = filter(pod_of("p", {{"copper", 1}}));
  EXPECT_EQ(answer["NodeNames"], other);
  EXPECT_EQ(answer["FailedNodes"], json({{"n", kMoves}}));
  EXPECT_EQ(answer["FailedAndUnresolvableNodes"], json::object()) << "it passes";
}

TEST_F(OffersMove, LetPodsPassThatFitInWhatStays) {
  bind("held", {{"copper", 1}}, "n");

  EXPECT_EQ(nodes_for(pod_of("p", {{"copper", 1}})), both);
  EXPECT_EQ(nodes_for(pod_of("q", {{"copper", 2}})), other);
}

TEST_F(OffersMove, LetPodsPassThatTheyMoveForOrThatHaveNoClass) {
  bind("held", {{"copper", 4}}, "n");

  EXPECT_EQ(nodes_for(pod_of("gold", {{"gold", 3}})), both);
  EXPECT_EQ(nodes_for(pod_of("none", {})), both);
  EXPECT_EQ(nodes_for(pod_facts("annotated", {"10G"})), both);
}

TEST_F(OffersMove, KeepPodsWithLanesOfTheirOwnAwayAsWell) {
  bind("held", {{"copper", 2}}, "n");
  PodFacts pod = pod_facts("p", {"10G"});
  pod.classes = {{"copper", 1}};

  EXPECT_EQ(filter(pod)["FailedNodes"]["n"], kMoves);
}

TEST_F(OffersMove, AreToldToThePapersClientsInTheirWords) {
  bind("held", {{"copper", 2}}, "n");
  ExtenderArgs args{.by_name = true};
  args.names = {"n", "other"};
  const AskedPod pod = asked_pod(pod_of("p", {{"copper", 1}}));

  const json answer = json::parse(decisions.papers_filter(pod, args).papers_json());
  EXPECT_EQ(answer["NodeNames"], other);
  EXPECT_EQ(answer["FailedNodes"], json({{"n", json::parse(papers_reason::kNoRoom)}}));
}

// kube-scheduler still counts by what the kubelet published before.
TEST_F(OffersMove, AreGoneForPodsOfTheirClassOnceTheyHaveMoved) {
  wish("n", {{.class_name = "gold", .lanes = 2}}, 2, 2);
  bind("held", {{"copper", 1}}, "n");

  EXPECT_EQ(nodes_for(pod_of("p", {{"copper", 1}})), both);
  EXPECT_EQ(filter(pod_of("q", {{"copper", 2}}))["FailedNodes"]["n"],
            "offers of class copper have moved to another class, 1 is left");
}

TEST_F(OffersMove, NoLongerWhenTheWishIsTakenBack) {
  bind("held", {{"copper", 2}}, "n");
  const PodFacts pod = pod_of("p", {{"copper", 2}});
  EXPECT_EQ(nodes_for(pod), other);

  wish("n", {});
  EXPECT_EQ(nodes_for(pod), both);
}

TEST_F(OffersMove, AreNotPromisedToTwoPodsBeforeTheFirstIsSeenBound) {
  bind("held", {{"copper", 1}}, "n");
  const PodFacts first = pod_of("first", {{"copper", 1}});
  const PodFacts second = pod_of("second", {{"copper", 1}});
  EXPECT_EQ(nodes_for(first), both);
  EXPECT_EQ(nodes_for(second), other);
  EXPECT_EQ(nodes_for(first), both) << "not against itself";

  bind("first", {{"copper", 1}}, "other");
  EXPECT_EQ(nodes_for(second), both) << "it went elsewhere";
  bind("second", {{"copper", 1}}, "n");
  EXPECT_EQ(nodes_for(pod_of("third", {{"copper", 1}})), other);
}

TEST_F(OffersMove, AreFreeAgainWhereAPodThatPassedIsNotBoundInTime) {
  bind("held", {{"copper", 1}}, "n");
  const PodFacts second = pod_of("second", {{"copper", 1}});
  EXPECT_EQ(nodes_for(pod_of("first", {{"copper", 1}})), both);

  clock = MovingNodes::kPending - std::chrono::nanoseconds(1);
  EXPECT_EQ(nodes_for(second), other);
  clock = MovingNodes::kPending;
  EXPECT_EQ(nodes_for(second), both);
}

TEST_F(OffersMove, OnNodesThatAreThereAndOfWhichSomethingIsWished) {
  EXPECT_THAT(view.wished_states(), ElementsAre(Pair("n", _)));
  view.drop_node("n");
  EXPECT_THAT(view.wished_states(), IsEmpty());
  view.set_node("n");
  EXPECT_THAT(view.wished_states(), ElementsAre(Pair("n", _)));
  wish("n", {});
  EXPECT_THAT(view.wished_states(), IsEmpty());

  wish("n", {{.class_name = "gold", .lanes = 1}});
  view.drop_node_lanes("n");
  view.drop_node("n");
  EXPECT_THAT(view.wished_states(), IsEmpty());
}

}  // namespace
}  // namespace sluice
