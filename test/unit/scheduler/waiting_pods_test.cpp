#include "scheduler/waiting_pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

/// A pod that asks for two lanes of gold, and what kube-scheduler says of it.
PodFacts pod_with(const std::string& message, const std::string& uid = "u",
                  const char* reason = "Unschedulable") {
  return facts_of(
      {{"metadata", {{"uid", uid}}},
       {"spec", {{"containers", {{{"resources", {{"limits", {{"sluice.dev/gold", "2"}}}}}}}}}},
       {"status",
        {{"conditions",
          {{{"type", "PodScheduled"},
            {"status", "False"},
            {"reason", reason},
            {"message", message}}}}}}},
      "sluice.dev");
}

constexpr const char* kMessage =
    "0/3 nodes are available: 1 Insufficient cpu, 3 Insufficient sluice.dev/gold. preemption: 0/3";

TEST(WaitingPods, AreThoseThatLackAClass) {
  WaitingPods waiting;
  waiting.set(pod_with(kMessage));
  EXPECT_THAT(waiting.lacking(), ElementsAre(ElementsAre(Pair("gold", 2))));

  waiting.drop("u");
  EXPECT_THAT(waiting.lacking(), IsEmpty());
}

TEST(WaitingPods, AreNotThoseThatWaitForSomethingElse) {
  WaitingPods waiting;
  for (const char* const message :
       {"", "0/3 nodes are available: 3 Insufficient cpu.",
        "3 Insufficient sluice.dev/golden, 1 node(s) were unschedulable",
        "3 Insufficient sluice.dev/gold.plus", "3 Insufficient sluice.dev/gold-2"}) {
    waiting.set(pod_with(message));
    EXPECT_THAT(waiting.lacking(), IsEmpty()) << message;
  }
  waiting.set(pod_with(kMessage, "u", "SchedulerError"));
  EXPECT_THAT(waiting.lacking(), IsEmpty());
}

TEST(WaitingPods, AreRecognisedBehindALongerName) {
  WaitingPods waiting;
  waiting.set(pod_with("2 Insufficient sluice.dev/golden, 1 Insufficient sluice.dev/gold"));
  EXPECT_THAT(waiting.lacking(), SizeIs(1));
}

TEST(WaitingPods, WaitNoLongerOnceTheyAreBound) {
  WaitingPods waiting;
  PodFacts pod = pod_with(kMessage);
  waiting.set(pod);
  pod.node = "n";
  waiting.set(pod);
  EXPECT_THAT(waiting.lacking(), IsEmpty());
}

TEST(WaitingPods, AreGoneWhereAListDoesNotShowThem) {
  WaitingPods waiting;
  waiting.begin();
  waiting.set(pod_with(kMessage, "stays"));
  waiting.set(pod_with(kMessage, "goes"));
  waiting.end();
  EXPECT_THAT(waiting.lacking(), SizeIs(2));

  waiting.begin();
  waiting.set(pod_with(kMessage, "stays"));
  waiting.end();
  EXPECT_THAT(waiting.lacking(), SizeIs(1));
}

TEST(WaitingPods, AreBounded) {
  WaitingPods waiting;
  for (std::size_t i = 0; i <= WaitingPods::kMost; ++i) {
    waiting.set(pod_with(kMessage, std::to_string(i)));
  }
  EXPECT_THAT(waiting.lacking(), SizeIs(WaitingPods::kMost));
}

}  // namespace
}  // namespace sluice
