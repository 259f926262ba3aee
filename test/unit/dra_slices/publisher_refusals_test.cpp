#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "test/unit/dra_slices/publisher_world.h"

namespace sluice::dra {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A server that does not take what it is sent.
class Refused : public PublisherWorld {
 protected:
  static ClaimNode node() { return claim_node({mlx5_port()}); }

  static ClaimNode with_classes() {
    return claim_node({mlx5_port()}, {vf("0000:3b:00.2"), vf("0000:3b:00.3")});
  }

  static ClaimNode with_link_down() {
    ClaimNode down = node();
    down.ports[0].carrier = false;
    return down;
  }

  /// Every write that is one of the method, until `is_allowed`.
  void forbid(const std::string& method, const FakeApiRefusal& refusal) {
    server.admit_with([this, method, refusal, rules = slice_admission()](
                          const FakeApiPath& at, const json& before,
                          json& object) -> std::optional<FakeApiRefusal> {
      const bool creates = before.is_null();
      if (!is_allowed && creates == (method == "POST")) return refusal;
      return rules(at, before, object);
    });
  }

  std::vector<std::string> told_failures() {
    const std::lock_guard lock(mutex);
    return failures;
  }

  std::atomic<bool> is_allowed = false;
};

TEST_F(Refused, S6_WithoutSharedDevicesItPublishesVfsOfFixedClassesAndNothingElse) {
  be_server({"v1"},
            {.consumable_capacity = false, .device_taints = false, .partitionable_devices = false});
  auto publisher = start(with_classes());

  ASSERT_EQ(slices().size(), 1u);
  const json devices = slices()[0]["spec"]["devices"];
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0]["name"], "vf-0000-3b-00-2-gold");
  EXPECT_EQ(devices[0].count("consumesCounters"), 0u);
  EXPECT_EQ(devices[0]["attributes"]["class"]["string"], "gold");
  // A port without its policies was never there to be claimed as a whole.
  EXPECT_THAT(writes(), ElementsAre("trial", "trial", "POST"));
  EXPECT_THAT(dropped, ElementsAre(ElementsAre("sharedCounters"),
                                   ElementsAre("devices[].allowMultipleAllocations",
                                               "devices[].capacity[].requestPolicy")));
  wait_until([&] { return published.writes == 1; });
  EXPECT_FALSE(published.shared_devices);

  publisher.reset();
  publisher = start(with_classes());  // As after a restart.
  EXPECT_THAT(writes(), ElementsAre("trial", "trial", "POST", "trial", "trial"));
}

TEST_F(Refused, WithoutCountersItPublishesPortsAndPlannedVfs) {
  be_server({"v1"}, {.partitionable_devices = false});
  const auto publisher = start(with_classes());
  const json devices = server.object(path())["spec"]["devices"];
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[0]["name"], "port-0000-3b-00-0");
  EXPECT_EQ(devices[2]["name"], "vf-0000-3b-00-3-gold");
  EXPECT_THAT(dropped, ElementsAre(ElementsAre("sharedCounters")));
}

TEST_F(Refused, WithCountersItPublishesThemBesideTheDevices) {
  be_server({"v1"}, {});
  const auto publisher = start(with_classes());
  ASSERT_EQ(slices().size(), 2u);
  EXPECT_EQ(slices()[0]["spec"]["sharedCounters"][0]["name"], "port-0000-3b-00-0");
  EXPECT_EQ(slices()[1]["spec"]["devices"].size(), 3u);
  EXPECT_THAT(writes(), ElementsAre("trial", "trial", "POST", "POST"));
}

TEST_F(Refused, WithoutTaintsItPublishesTheRest) {
  be_server({"v1"}, {.consumable_capacity = true, .device_taints = false});
  const auto publisher = start(node());
  publisher->publish(with_link_down());
  wait_published(*publisher);

  const json device = server.object(path())["spec"]["devices"][0];
  EXPECT_EQ(device.count("taints"), 0u);
  EXPECT_EQ(device["attributes"]["carrier"]["bool"], false);
  EXPECT_THAT(dropped, ElementsAre(ElementsAre("devices[].taints")));
  EXPECT_THAT(writes(), ElementsAre("trial", "POST", "trial", "PUT"));
}

TEST_F(Refused, AServerThatLearnsSharedDevicesGetsThem) {
  be_server({"v1"}, {.consumable_capacity = false, .partitionable_devices = false});
  const auto publisher = start(with_classes());
  ASSERT_TRUE(server.wait_for_watches(1));

  be_server({"v1"}, {.partitionable_devices = false});
  server.expire();
  wait_until(
      [&] { return server.object(path())["spec"]["devices"][0]["name"] == "port-0000-3b-00-0"; });
}

TEST_F(Refused, WhatAServerForgetsIsToldOnlyOnce) {
  be_server({"v1"}, {.consumable_capacity = false, .partitionable_devices = false});
  const auto publisher = start(with_classes());
  for (int i = 0; i < 3; ++i) {
    const std::size_t trials = writes().size();
    ASSERT_TRUE(server.wait_for_watches(1));
    server.expire();
    wait_until([&] { return writes().size() > trials; });
    wait_published(*publisher);
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(dropped.size(), 2u);  // Counters, and what shared devices need.
}

TEST_F(Refused, ATaintThatStaysKeepsItsTimeOverReplacements) {
  const auto publisher = start(with_link_down());
  json stamped = server.object(path());
  stamped["spec"]["devices"][0]["taints"][0]["timeAdded"] = "2025-12-24T18:00:00Z";
  server.put(path(), stamped);
  ClaimNode changed = with_link_down();
  changed.ports[0].network = "other";
  publisher->publish(changed);
  wait_until([&] {
    return server.object(path())["spec"]["devices"][0]["attributes"]["network"]["string"] ==
           "other";
  });
  EXPECT_EQ(server.object(path())["spec"]["devices"][0]["taints"][0]["timeAdded"],
            "2025-12-24T18:00:00Z");
}

TEST_F(Refused, S16_NamesTheVerbThatItMayNotUse) {
  forbid("POST", {403, "Forbidden", "cannot create resource"});
  const auto publisher = start();
  publisher->publish(node());
  wait_until([&] { return failures.size() > 2; });
  EXPECT_FALSE(publisher->is_published());
  EXPECT_THAT(
      told_failures(),
      Each(testing::AllOf(
          testing::StartsWith("create: create ResourceSlice '00000-sluice.dev-node-a': POST "),
          HasSubstr("403 Forbidden: cannot create resource"))));

  is_allowed = true;
  wait_published(*publisher);
  EXPECT_EQ(slices().size(), 1u);
}

TEST_F(Refused, NamesUpdateWhereItMayNotReplace) {
  forbid("PUT", {403, "Forbidden", "cannot update resource"});
  const auto publisher = start(node());
  publisher->publish(with_link_down());
  wait_until([&] { return !failures.empty(); });
  EXPECT_THAT(told_failures()[0], testing::StartsWith("update: "));
  EXPECT_FALSE(publisher->is_published());
}

TEST_F(Refused, WaitsLongerEachTimeAndNotForEveryWish) {
  forbid("POST", {403, "Forbidden", "no"});
  const auto publisher = start();
  publisher->publish(node());
  wait_until([&] { return pauses.waits().size() > 8; });
  const auto waits = pauses.waits();
  EXPECT_GE(waits[0], std::chrono::milliseconds(250));
  EXPECT_LE(waits[0], std::chrono::milliseconds(500));
  EXPECT_GE(waits[8], std::chrono::seconds(15));
  EXPECT_LE(waits[8], std::chrono::seconds(30));
  is_allowed = true;
}

TEST_F(Refused, IsNotPublishedWhileItMayNotLook) {
  server.fail_next({.status = 403, .reason = "Forbidden", .method = "GET"});  // Which versions.
  server.fail_next({.status = 403, .reason = "Forbidden", .method = "GET"});
  const auto publisher = start(node());
  const std::vector<std::string> all = told_failures();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0], testing::StartsWith("list: GET /apis/resource.k8s.io/v1/resourceslices"));
}

TEST_F(Refused, ARefusedWatchIsNoPublication) {
  const auto publisher = start(node());
  ASSERT_TRUE(server.wait_for_watches(1));
  server.fail_next({.status = 403, .reason = "Forbidden", .for_watch = true});
  server.cut_watches();
  wait_until([&] { return !failures.empty(); });
  EXPECT_THAT(told_failures()[0], testing::StartsWith("watch: "));
  wait_published(*publisher);  // It was let in again.
}

TEST_F(Refused, S14_ComesThroughTroubleWithoutDuplicates) {
  for (int i = 0; i < 7; ++i) server.fail_next({.status = 429, .method = "POST"});
  for (int i = 0; i < 3; ++i) server.fail_next({.status = 500, .method = "POST"});
  for (int i = 0; i < 9; ++i) server.fail_next({.status = 503, .method = "GET"});
  const auto publisher = start(node());
  EXPECT_EQ(slices().size(), 1u);
}

TEST_F(Refused, AConflictIsReadAndTriedAgain) {
  const auto publisher = start(node());
  server.fail_next({.status = 409, .reason = "Conflict", .method = "PUT"});
  ClaimNode changed = node();
  changed.ports[0].network = "other";
  publisher->publish(changed);
  wait_published(*publisher);
  EXPECT_EQ(server.object(path())["spec"]["devices"][0]["attributes"]["network"]["string"],
            "other");
  EXPECT_THAT(pauses.waits(), IsEmpty());
  EXPECT_THAT(told_failures(), IsEmpty());
}

TEST_F(Refused, ASliceThatIsThereAlreadyIsReplaced) {
  server.fail_next({.status = 409, .reason = "AlreadyExists", .method = "POST"});
  const auto publisher = start(node());
  EXPECT_EQ(slices().size(), 1u);
  EXPECT_THAT(told_failures(), IsEmpty());
}

TEST_F(Refused, AServerThatAltersWhatItIsSentIsNotBeatenUpon) {
  server.admit_with([](const FakeApiPath& /*path*/, const json& /*before*/, json& object) {
    object["spec"]["devices"][0]["attributes"]["link"]["string"] = "altered";
    return std::optional<FakeApiRefusal>();
  });
  const auto publisher = start();
  publisher->publish(node());
  wait_until([&] { return !failures.empty(); });
  EXPECT_THAT(told_failures()[0],
              HasSubstr("ResourceSlices of node 'node-a' are not what was written"));
  EXPECT_FALSE(publisher->is_published());
  wait_until([&] { return !pauses.waits().empty(); });
}

TEST_F(Refused, FollowsTheServerToAnotherVersion) {
  const auto publisher = start(node());
  ASSERT_TRUE(server.wait_for_watches(1));
  server.serve("resource.k8s.io", {"v1beta1"});
  server.cut_watches();
  wait_until([&] { return slices("v1beta1").size() == 1; });
}

TEST_F(Refused, EndsAtOnceWhileTheServerIsSilent) {
  auto publisher = start(node());
  server.hang_next();
  publisher->publish(with_link_down());
  ASSERT_TRUE(server.wait_for(3, [](const Request& request) { return request.method != "GET"; }));
  stop.request_stop();
  publisher.reset();  // Would last 20 s otherwise.
}

}  // namespace
}  // namespace sluice::dra
