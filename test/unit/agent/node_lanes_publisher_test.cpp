#include "agent/published/node_lanes_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "test/support/eventually.h"
#include "test/unit/kube/kube_world.h"
#include "test/unit/node_lanes/node_lanes_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kPath = "/apis/sluice.dev/v1alpha1/nodelanes/node-a";

/// An API server, and what a publisher said.
class NodeLanesPublisherTest : public KubeWorld {
 protected:
  using Json = nlohmann::json;
  using Request = FakeApiServer::Request;

  /// What the agent wants: without the wishes.
  static NodeLanes wanted() {
    NodeLanes node = node_lanes();
    node.wishes.clear();
    return node;
  }

  std::unique_ptr<NodeLanesPublisher> start() {
    return std::make_unique<NodeLanesPublisher>(
        *client_, "node-a",
        NodeLanesListener{.written = [this] { note("written"); },
                          .published = [this] { note("published"); },
                          .failed = [this](const Error& error) { note(error.message()); },
                          .unserved = [this](const Error& /*error*/) { note("unserved"); },
                          .wished =
                              [this](const std::vector<ClassWish>& wishes) {
                                const std::lock_guard lock(mutex_);
                                wishes_ = wishes;
                              }});
  }

  static bool settles(const NodeLanesPublisher& publisher) {
    return eventually([&] { return publisher.is_published(); });
  }

  /// The paths of all writes, from the collection on.
  std::vector<std::string> writes() const {
    std::vector<std::string> paths;
    for (const Request& request : server.requests()) {
      if (request.method != "GET") paths.push_back(request.path.substr(request.path.rfind("/n")));
    }
    return paths;
  }

  Result<NodeLanes> stored() const { return decode_node_lanes(server.object(kPath)); }

  void note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    said_.push_back(text);
  }

  std::vector<ClassWish> wishes() const {
    const std::lock_guard lock(mutex_);
    return wishes_;
  }

  /// As the scheduler's leader writes them.
  void wish(const nlohmann::json& wishes) {
    nlohmann::json object = server.object(kPath);
    object["spec"]["wishes"] = wishes;
    server.put(kPath, object);
  }

  std::vector<std::string> said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }

  mutable std::mutex mutex_;  // Guards those below.
  std::vector<std::string> said_;
  std::vector<ClassWish> wishes_;
  const std::unique_ptr<ApiClient> client_ = connect();
};

TEST_F(NodeLanesPublisherTest, MakesTheObjectOwnedByItsNode) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_OK_AND_ASSIGN(const NodeLanes there, stored());
  EXPECT_EQ(there, wanted());
  EXPECT_THAT(writes(), ElementsAre("/node-a", "/node-a/status"));
  ASSERT_TRUE(eventually([&] { return said().size() == 3; }));
  EXPECT_THAT(said(), ElementsAre("written", "written", "published"));
  for (const Request& request : server.requests()) {
    if (request.method != "PATCH") continue;
    EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
    EXPECT_EQ(request.query.at("fieldManager"), "sluiced");
    EXPECT_EQ(request.query.at("force"), "true");
  }
}

TEST_F(NodeLanesPublisherTest, TellsTheSchedulersWishesAndThatTheyAreGone) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  const std::vector<ClassWish> gold = {{.class_name = "gold", .lanes = 7}};
  wish(encode_wishes(gold));
  EXPECT_TRUE(eventually([&] { return wishes() == gold; }));
  wish({{{"class", "gold"}, {"lanes", "many"}}});  // It makes no sense: none.
  EXPECT_TRUE(eventually([&] { return wishes().empty(); }));
  wish(encode_wishes(gold));
  EXPECT_TRUE(eventually([&] { return wishes() == gold; }));
  server.erase(kPath);
  EXPECT_TRUE(eventually([&] { return wishes().empty(); }));
}

TEST_F(NodeLanesPublisherTest, WritesNothingAfterARestart) {
  for (int i = 0; i < 2; ++i) {
    const auto publisher = start();
    publisher->publish(wanted());
    ASSERT_TRUE(settles(*publisher));
  }
  EXPECT_EQ(writes().size(), 2u);
}

TEST_F(NodeLanesPublisherTest, AChangeWritesTheStatusAlone) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  NodeLanes changed = wanted();
  changed.ports[1].trouble.clear();
  publisher->publish(changed);
  ASSERT_TRUE(settles(*publisher));
  ASSERT_OK_AND_ASSIGN(const NodeLanes there, stored());
  EXPECT_EQ(there, changed);
  EXPECT_FALSE(server.object(kPath)["status"]["summary"].contains("trouble"));
  EXPECT_THAT(writes(), ElementsAre("/node-a", "/node-a/status", "/node-a/status"));
}

TEST_F(NodeLanesPublisherTest, TheWishesAreTheSchedulers) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  Json object = server.object(kPath);
  object["spec"]["wishes"] = encode_wishes({{.class_name = "gold", .lanes = 2}});
  server.put(kPath, object);
  NodeLanes changed = wanted();
  changed.held.clear();
  publisher->publish(changed);
  ASSERT_TRUE(settles(*publisher));
  EXPECT_EQ(writes().size(), 3u);
  ASSERT_OK_AND_ASSIGN(const NodeLanes there, stored());
  EXPECT_THAT(there.wishes, ElementsAre(ClassWish{.class_name = "gold", .lanes = 2}));
  EXPECT_THAT(there.held, IsEmpty());
}

TEST_F(NodeLanesPublisherTest, WhatAPersonDeletesIsMadeAgain) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_TRUE(server.wait_for_watches(1));
  server.erase(kPath);
  ASSERT_TRUE(eventually([&] { return writes().size() == 4; }));
  ASSERT_TRUE(eventually([&] { return stored() && *stored() == wanted(); }));
}

TEST_F(NodeLanesPublisherTest, WhatAPersonChangesIsPutRight) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_TRUE(server.wait_for_watches(1));
  Json object = server.object(kPath);
  object["status"]["ports"][0]["shares"]["pods"]["bandwidth"] = "400G";
  object["metadata"]["labels"]["theirs"] = "kept";
  server.put(kPath, object);
  ASSERT_TRUE(eventually([&] { return stored() && *stored() == wanted(); }));
  EXPECT_THAT(writes(), ElementsAre("/node-a", "/node-a/status", "/node-a/status"));
  EXPECT_EQ(server.object(kPath)["metadata"]["labels"]["theirs"], "kept");
}

TEST_F(NodeLanesPublisherTest, SpellingIsNoChange) {
  Json object = {{"status", encode_status(wanted())}};
  object["metadata"]["ownerReferences"] = Json::array(
      {{{"kind", "Node"}, {"uid", "another"}}, {{"kind", "Node"}, {"uid", wanted().uid}}});
  object["status"]["ports"][0]["lineRate"] = "100000M";
  server.put(kPath, object);
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(NodeLanesPublisherTest, ANewerStatusIsReplaced) {
  server.put(kPath, {{"status", {{"schema", 2}}}});
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_OK_AND_ASSIGN(const NodeLanes there, stored());
  EXPECT_EQ(there, wanted());
}

TEST_F(NodeLanesPublisherTest, AFailureIsTriedAgain) {
  server.fail_next({.status = 403, .reason = "Forbidden", .method = "PATCH"});
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_TRUE(eventually([&] { return !said().empty() && said().back() == "published"; }));
  EXPECT_THAT(said().front(), HasSubstr("403 Forbidden"));
}

TEST_F(NodeLanesPublisherTest, WhatTheServerDoesNotKeepIsNotWrittenWithoutAPause) {
  // An older definition drops what it does not know.
  server.put(kPath,
             {{"metadata",
               {{"ownerReferences", Json::array({{{"kind", "Node"}, {"uid", wanted().uid}}})}}},
              {"status", encode_status(wanted())}});
  server.deny([this](const Request& request) -> std::optional<FakeApiRefusal> {
    if (request.method != "PATCH") return std::nullopt;
    Json object = server.object(kPath);
    object["status"]["classes"] = Json::array();
    return FakeApiRefusal{200, "", object.dump()};
  });
  NodeLanes changed = wanted();
  changed.classes[0].offered = 1;
  const auto publisher = start();
  publisher->publish(changed);
  ASSERT_TRUE(eventually([&] { return !said().empty() && said().back() != "written"; }));
  const std::vector<std::string> all = said();
  const auto failure = std::ranges::find_if(
      all, [](const std::string& text) { return text.starts_with("NodeLanes 'node-a' is not"); });
  ASSERT_NE(failure, all.end());
  EXPECT_GE(pauses.waits().size(), 2u);
}

TEST_F(NodeLanesPublisherTest, WaitsForTheDefinition) {
  server.serve("sluice.dev", {});
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(eventually([&] { return !said().empty(); }));
  EXPECT_EQ(said().front(), "unserved");
  EXPECT_FALSE(publisher->is_published());
  EXPECT_THAT(pauses.waits(), testing::Contains(std::chrono::minutes(1)));
  server.serve("sluice.dev", {"v1alpha1"});
  ASSERT_TRUE(settles(*publisher));
}

// Its garbage collector would delete what is written, again and again.
TEST_F(NodeLanesPublisherTest, WritesNothingOnceItsNodeIsGone) {
  const auto publisher = start();
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  ASSERT_TRUE(server.wait_for_watches(1));
  publisher->rest();
  server.erase(kPath);
  server.cut_watches();
  ASSERT_TRUE(server.wait_for(2, &Request::is_watch));
  EXPECT_EQ(writes().size(), 2u);
  EXPECT_TRUE(server.object(kPath).is_null());
  publisher->publish(wanted());
  ASSERT_TRUE(settles(*publisher));
  EXPECT_EQ(writes().size(), 4u);
}

}  // namespace
}  // namespace sluice
