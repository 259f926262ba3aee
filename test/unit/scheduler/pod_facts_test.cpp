#include "scheduler/pod_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(PodFacts, AreReadFromAPod) {
  const PodFacts facts =
      facts_of({{"metadata",
                 {{"uid", "u"},
                  {"namespace", "ns"},
                  {"name", "p"},
                  {"annotations", {{"rdma_interfaces_required", "[{}]"}, {"other", "x"}}}}},
                {"spec", {{"nodeName", "n"}, {"resourceClaims", {{{"name", "c"}}}}}},
                {"status", {{"phase", "Running"}}}},
               "sluice.dev");

  EXPECT_EQ(facts.uid, "u");
  EXPECT_EQ(facts.name_space, "ns");
  EXPECT_EQ(facts.name, "p");
  EXPECT_EQ(facts.node, "n");
  EXPECT_FALSE(facts.is_over);
  EXPECT_THAT(facts.annotations, ElementsAre(Pair("rdma_interfaces_required", "[{}]")));
  EXPECT_TRUE(facts.is_annotated());
  EXPECT_TRUE(facts.has_claims);
  EXPECT_FALSE(facts.on_host_network);
}

TEST(PodFacts, SayWhetherAPodIsOnTheHostsNetwork) {
  for (const bool is : {true, false}) {
    EXPECT_EQ(facts_of({{"spec", {{"hostNetwork", is}}}}, "sluice.dev").on_host_network, is);
  }
}

TEST(PodFacts, SayThatAPodIsOver) {
  for (const char* const phase : {"Succeeded", "Failed"}) {
    EXPECT_TRUE(facts_of({{"status", {{"phase", phase}}}}, "sluice.dev").is_over);
  }
  EXPECT_FALSE(facts_of({{"status", {{"phase", "Pending"}}}}, "sluice.dev").is_over);
}

TEST(PodFacts, CountClassesAsKubeSchedulerDoes) {
  const auto container = [](const json& limits) {
    return json{{"name", "c"}, {"resources", {{"limits", limits}}}};
  };
  const json pod = {
      {"spec",
       {{"containers",
         {container({{"sluice.dev/gold", "2"}, {"cpu", "1"}, {"other.dev/gold", "7"}}),
          container({{"sluice.dev/gold", 1}, {"sluice.devx/gold", "1"}, {"sluice.dev/rdma", "1"}}),
          {{"name", "none"}}}},
        {"initContainers",
         {container({{"sluice.dev/gold", "2"}}), container({{"sluice.dev/bulk", "4"}})}}}}};

  EXPECT_THAT(facts_of(pod, "sluice.dev").classes, ElementsAre(Pair("bulk", 4), Pair("gold", 3)));
  EXPECT_THAT(facts_of(pod, "other.dev").classes, ElementsAre(Pair("gold", 7)));
}

TEST(PodFacts, OfNonsenseAreEmpty) {
  for (const char* const text :
       {"null", "7", "[]", "{}", R"({"metadata":[],"spec":7,"status":"x"})",
        R"({"metadata":{"uid":7,"annotations":{"sluice.dev/lanes":7}},"spec":{"containers":"x"}})",
        R"({"spec":{"containers":[7,{"resources":{"limits":{"sluice.dev/a":"-1"}}}]}})",
        R"({"spec":{"containers":[{"resources":{"limits":{"sluice.dev/a":{}}}}]}})"}) {
    const PodFacts facts = facts_of(json::parse(text), "sluice.dev");
    EXPECT_EQ(facts.uid, "") << text;
    EXPECT_THAT(facts.annotations, IsEmpty()) << text;
    EXPECT_THAT(facts.classes, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace sluice
