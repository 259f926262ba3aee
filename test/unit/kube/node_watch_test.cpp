#include "pkg/kube/node_watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr const char* kNode = "/api/v1/nodes/n";

class Node : public KubeWorld {
 protected:
  std::unique_ptr<NodeWatch> watch() {
    return std::make_unique<NodeWatch>(
        *client, "n",
        [this] {
          const std::lock_guard lock(mutex);
          ++changes;
          changed.notify_all();
        },
        [this](const Error& error) {
          const std::lock_guard lock(mutex);
          failures.push_back(error.message());
          changed.notify_all();
        });
  }

  void wait_for_changes(int count) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return changes >= count; }));
  }

  const std::unique_ptr<ApiClient> client = connect();
  std::mutex mutex;
  std::condition_variable changed;
  int changes = 0;
  std::vector<std::string> failures;
};

TEST_F(Node, ShowsWhatIsPublishedNow) {
  server.put(kNode, {{"metadata", {{"labels", {{"zone", "z"}}}, {"annotations", {{"a", "b"}}}}},
                     {"status", {{"allocatable", {{"cpu", "4"}, {"sluice.dev/gold", "3"}}}}}});
  server.put("/api/v1/nodes/other", {});
  const auto nodes = watch();
  wait_for_changes(1);

  std::shared_ptr<const NodeView> seen = nodes->latest();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->name, "n");
  EXPECT_FALSE(seen->uid.empty());
  EXPECT_EQ(seen->allocatable.at("sluice.dev/gold"), "3");
  EXPECT_EQ(seen->labels.at("zone"), "z");
  EXPECT_EQ(seen->annotations.at("a"), "b");
  EXPECT_FALSE(seen->unschedulable);

  server.put(kNode, {{"spec", {{"unschedulable", true}}},
                     {"status", {{"allocatable", {{"sluice.dev/gold", "2"}}}}}});
  wait_for_changes(2);
  seen = nodes->latest();
  EXPECT_EQ(seen->allocatable.at("sluice.dev/gold"), "2");
  EXPECT_TRUE(seen->unschedulable);
  EXPECT_EQ(server.requests().at(0).query.at("fieldSelector"), "metadata.name=n");
}

TEST_F(Node, IsNullWhenThereIsNone) {
  const auto nodes = watch();
  wait_for_changes(1);
  EXPECT_EQ(nodes->latest(), nullptr);

  server.put(kNode, {});
  wait_for_changes(2);
  EXPECT_NE(nodes->latest(), nullptr);

  server.erase(kNode);
  wait_for_changes(3);
  EXPECT_EQ(nodes->latest(), nullptr);
}

TEST_F(Node, ReadsOddObjectsAsEmpty) {
  server.put(kNode, {{"spec", 7},
                     {"status", {{"allocatable", {{"cpu", 4}, {"memory", "1"}}}}},
                     {"metadata", {{"labels", "none"}}}});
  const auto nodes = watch();
  wait_for_changes(1);

  EXPECT_EQ(nodes->latest()->allocatable, (std::map<std::string, std::string>{{"memory", "1"}}));
  EXPECT_TRUE(nodes->latest()->labels.empty());
}

TEST_F(Node, SaysWhyItCannotSee) {
  server.fail_next({.status = 403, .reason = "Forbidden"});
  const auto nodes = watch();
  wait_for_changes(1);

  const std::lock_guard lock(mutex);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_THAT(failures[0], testing::HasSubstr("403 Forbidden: as the test wants it"));
}

TEST_F(Node, EndsWithItsObject) {
  auto nodes = watch();
  ASSERT_TRUE(server.wait_for_watches(1));

  nodes.reset();  // Would last for minutes otherwise.
}

}  // namespace
}  // namespace sluice
