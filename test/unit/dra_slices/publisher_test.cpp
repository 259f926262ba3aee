#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include <nlohmann/json.hpp>

#include "test/unit/dra_slices/publisher_world.h"

namespace sluice::dra {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class Publisher : public PublisherWorld {};

ClaimNode one_port() {
  return claim_node({mlx5_port()});
}

ClaimNode slower() {
  ClaimNode node = one_port();
  node.ports[0].share.line_rate = BitRate::gbps(25);
  node.ports[0].share.usable = BitRate::gbps(25);
  return node;
}

TEST_F(Publisher, S2_CreatesTheSlicesOfTheNode) {
  const auto publisher = start(one_port());

  const json slice = server.object(path());
  EXPECT_EQ(slice["spec"]["devices"].size(), 1u);
  EXPECT_EQ(slice["spec"]["pool"],
            (json{{"name", "node-a"}, {"generation", 1}, {"resourceSliceCount", 1}}));
  EXPECT_EQ(slice["metadata"]["ownerReferences"][0]["uid"], one_port().uid);
  EXPECT_THAT(writes(), ElementsAre("trial", "POST"));
  wait_until([&] { return published.writes == 1; });
  EXPECT_EQ(published.devices, 1u);
  EXPECT_TRUE(published.shared_devices);
  EXPECT_TRUE(server.wait_for(1, [](const Request& request) {
    return !request.is_watch() && request.query.count("fieldSelector") != 0 &&
           request.query.at("fieldSelector") == "spec.nodeName=node-a,spec.driver=sluice.dev";
  }));
}

TEST_F(Publisher, WritesNothingBeforeItKnowsWhatToPublish) {
  server.put(path(), {{"spec", {{"driver", "sluice.dev"}, {"nodeName", "node-a"}}}});
  const auto publisher = start();
  ASSERT_TRUE(server.wait_for_watches(1));
  EXPECT_FALSE(publisher->is_published());
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(Publisher, S3_WritesNothingWhereNothingChanged) {
  ClaimNode node = claim_node({mlx5_port(0), mlx5_port(1), igb_port()});
  auto publisher = start(node);
  const std::size_t before = writes().size();

  std::reverse(node.ports.begin(), node.ports.end());
  publisher->publish(node);
  wait_published(*publisher);
  EXPECT_EQ(writes().size(), before);

  publisher.reset();
  publisher = start(node);  // As after a restart of the agent.
  EXPECT_EQ(writes().size(), before);
}

TEST_F(Publisher, ReplacesWhatChanged) {
  const auto publisher = start(one_port());
  const json before = server.object(path());
  publisher->publish(slower());
  wait_published(*publisher);

  const json after = server.object(path());
  EXPECT_EQ(after["spec"]["devices"][0]["capacity"]["bandwidth"]["value"], "25G");
  EXPECT_EQ(after["spec"]["pool"]["generation"], 1);
  EXPECT_EQ(after["metadata"]["uid"], before["metadata"]["uid"]);
  EXPECT_THAT(writes(), ElementsAre("trial", "POST", "PUT"));
}

TEST_F(Publisher, GivesAllSlicesTheNextGenerationWhereSeveralChange) {
  be_server({"v1"}, {.consumable_capacity = false, .partitionable_devices = false});
  ClaimNode node = claim_node({mlx5_port()}, many_vfs(300));
  const auto publisher = start(node);
  EXPECT_EQ(slices().size(), 3u);

  node.vfs.erase(node.vfs.begin(), node.vfs.begin() + 200);
  publisher->publish(node);
  wait_published(*publisher);
  ASSERT_EQ(slices().size(), 1u);
  EXPECT_EQ(slices()[0]["spec"]["pool"],
            (json{{"name", "node-a"}, {"generation", 2}, {"resourceSliceCount", 1}}));
}

TEST_F(Publisher, R5_CreatesAgainWhatTheKubeletWiped) {
  const auto publisher = start(one_port());
  ASSERT_TRUE(server.wait_for_watches(1));
  server.erase(path());
  wait_until([&] { return server.object(path()).is_object(); });
  EXPECT_THAT(writes(), ElementsAre("trial", "POST", "POST"));
  EXPECT_THAT(pauses.waits(), IsEmpty());
}

TEST_F(Publisher, SeesAWipeThatCameWhileItWasNotWatching) {
  const auto publisher = start(one_port());
  ASSERT_TRUE(server.wait_for_watches(1));
  server.cut_watches();
  server.erase(path());
  server.expire();
  wait_until([&] { return server.object(path()).is_object(); });
}

TEST_F(Publisher, PutsBackWhatAnotherChanged) {
  const auto publisher = start(one_port());
  ASSERT_TRUE(server.wait_for_watches(1));
  json changed = server.object(path());
  changed["spec"]["devices"][0]["capacity"]["bandwidth"]["value"] = "400G";
  changed["metadata"]["labels"] = {{"theirs", "yes"}};
  server.put(path(), changed);
  wait_until([&] {
    return server.object(path())["spec"]["devices"][0]["capacity"]["bandwidth"]["value"] == "40G";
  });
  EXPECT_EQ(server.object(path())["metadata"]["labels"]["theirs"], "yes");
}

TEST_F(Publisher, RemovesItsOwnSlicesOfOtherNamesAndNoOthers) {
  const auto put = [this](const std::string& name, const json& spec) {
    server.put(path(name), {{"spec", spec}});
  };
  put("old", {{"driver", "sluice.dev"}, {"nodeName", "node-a"}});
  put("elsewhere", {{"driver", "sluice.dev"}, {"nodeName", "node-b"}});
  put("gpu", {{"driver", "gpu.example.com"}, {"nodeName", "node-a"}});
  const auto publisher = start(one_port());
  EXPECT_TRUE(server.object(path("old")).is_null());
  EXPECT_TRUE(server.object(path("elsewhere")).is_object());
  EXPECT_TRUE(server.object(path("gpu")).is_object());
}

TEST_F(Publisher, S1_OfANodeWithoutPortsPublishesAnEmptyPool) {
  const auto publisher = start(claim_node());
  EXPECT_EQ(server.object(path())["spec"].count("devices"), 0u);
  EXPECT_THAT(writes(), ElementsAre("POST"));
}

TEST_F(Publisher, SaysWhatItLeavesOutAndWhenNothingIsAnyMore) {
  ClaimNode node = one_port();
  node.ports[0].share.usable = {};
  const auto publisher = start(node);
  publisher->publish(one_port());
  wait_published(*publisher);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(omissions,
              ElementsAre(ElementsAre(testing::StartsWith("port ens1f0np0 is not published: ")),
                          IsEmpty()));
}

TEST_F(Publisher, TakesTheLatestOfManyWishes) {
  const auto publisher = start(one_port());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int rate = 1; rate < 20; ++rate) {
          ClaimNode node = one_port();
          node.ports[0].share.usable = BitRate::gbps(static_cast<std::uint64_t>(rate));
          publisher->publish(node);
        }
      });
    }
  }
  publisher->publish(slower());
  wait_published(*publisher);
  EXPECT_EQ(server.object(path())["spec"]["devices"][0]["capacity"]["bandwidth"]["value"], "25G");
}

class PublisherOfVersion : public PublisherWorld,
                           public testing::WithParamInterface<std::string> {};

TEST_P(PublisherOfVersion, S7_SpeaksWhatTheServerHas) {
  be_server({GetParam(), "v1alpha3"}, {});
  const auto publisher = start(one_port());
  const std::vector<json> all = slices(GetParam());
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["apiVersion"], "resource.k8s.io/" + GetParam());

  publisher->publish(slower());
  wait_published(*publisher);
  EXPECT_THAT(writes(), ElementsAre("trial", "POST", "PUT"));
}

INSTANTIATE_TEST_SUITE_P(Versions, PublisherOfVersion, testing::Values("v1", "v1beta2", "v1beta1"));

}  // namespace
}  // namespace sluice::dra
