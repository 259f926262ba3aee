#include "agent/grants/pod_facts.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

/// A pod of two containers with a lane of gold each; `mapped` are those whose lane is a claim that
/// the scheduler made.
std::string pod_with(const std::string& mapped) {
  return R"({"metadata": {"uid": "pod-1"},
             "spec": {"containers": [
               {"name": "a", "resources": {"limits": {"cpu": "1", "sluice.dev/gold": "1"}}},
               {"name": "b", "resources": {"limits": {"sluice.dev/gold": "1"}}}]},
             "status": {"extendedResourceClaimStatus": {"resourceClaimName": "made",
                                                        "requestMappings": [)" +
         mapped + "]}}}";
}

std::string mapping(const std::string& container, const std::string& resource) {
  return R"({"containerName": ")" + container + R"(", "resourceName": ")" + resource +
         R"(", "requestName": "r"})";
}

bool has_resources(const std::string& mapped) {
  const Result<PodFacts> facts = read_pod_facts(pod_with(mapped), "sluice.dev");
  EXPECT_THAT(facts, IsOk());
  return facts && facts->has_resources;
}

TEST(PodFacts, AResourceThatAClaimStandsForIsNoneOfTheDevicePlugins) {
  const std::string a = mapping("a", "sluice.dev/gold");
  const std::string b = mapping("b", "sluice.dev/gold");
  EXPECT_TRUE(has_resources(""));
  EXPECT_TRUE(has_resources(a));
  EXPECT_TRUE(has_resources(a + ", " + mapping("b", "sluice.dev/tin")));
  EXPECT_FALSE(has_resources(a + ", " + b));
}

// Its lanes are those that it has anyway.
TEST(PodFacts, ATokenIsNoClass) {
  const auto facts = read_pod_facts(
      R"({"metadata": {"uid": "p"}, "spec": {"containers": [
            {"name": "a", "resources": {"limits": {"sluice.dev/rdma": "1"}}}]}})",
      "sluice.dev");
  EXPECT_EQ(facts, (PodFacts{.uid = "p", .has_resources = false}));
}

TEST(PodFacts, APodWithoutAStatusHasWhatItsLimitsSay) {
  const auto facts = read_pod_facts(
      R"({"metadata": {"uid": "p"}, "spec": {"hostNetwork": true, "containers": [{"name": "a"}]}})",
      "sluice.dev");
  EXPECT_EQ(facts, (PodFacts{.uid = "p", .on_host_network = true, .has_resources = false}));
}

PodFacts pod_of(const std::string& pod) {
  const Result<PodFacts> facts = read_pod_facts(pod, "sluice.dev");
  EXPECT_THAT(facts, IsOk()) << pod;
  return facts.value_or(PodFacts());
}

TEST(PodFacts, APodIsEndingWhenItIsDeletedOrFinished) {
  const auto is_ending = [](const std::string& metadata, const std::string& status) {
    return pod_of(R"({"metadata": {"uid": "p")" + metadata + R"(}, "spec": {}, "status": {)" +
                  status + "}}")
        .is_ending;
  };
  EXPECT_FALSE(is_ending("", ""));
  EXPECT_FALSE(is_ending("", R"("phase": "Running")"));
  EXPECT_TRUE(is_ending("", R"("phase": "Succeeded")"));
  EXPECT_TRUE(is_ending("", R"("phase": "Failed")"));
  EXPECT_TRUE(is_ending(R"(, "deletionTimestamp": "2026-11-30T10:00:00Z")", ""));
}

TEST(PodFacts, AStaticPodHasTwoUids) {
  const PodFacts facts = pod_of(
      R"({"metadata": {"uid": "p", "annotations": {"kubernetes.io/config.mirror": "s"}}, "spec": {}})");
  EXPECT_TRUE(facts.is("p") && facts.is("s"));
  EXPECT_FALSE(facts.is(""));
  EXPECT_FALSE(pod_of(R"({"metadata": {"uid": "p"}, "spec": {}})").is(""));
}

TEST(PodFacts, LanesAreAskedByAnnotationInWhateverWords) {
  const auto asks = [](const std::string& annotations) {
    return asks_by_annotation(pod_of(R"({"metadata": {"uid": "p", "annotations": {)" + annotations +
                                     R"(}}, "spec": {}})"));
  };
  EXPECT_FALSE(asks(""));
  EXPECT_FALSE(asks(R"("rdma_interfaces_required": "[]")"));
  EXPECT_TRUE(asks(R"("rdma_interfaces_required": "[{}]")"));
  EXPECT_TRUE(asks(R"("sluice.dev/lanes": "what?")"));
}

TEST(PodFacts, WhatIsNoPodIsRefused) {
  EXPECT_THAT(read_pod_facts("[]", "sluice.dev"), FailsWith(Code::invalid_argument, "pod: "));
}

}  // namespace
}  // namespace sluice
