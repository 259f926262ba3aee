#include "pkg/kube/watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "pkg/base/strings.h"
#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kNodes = "/api/v1/nodes";

std::string node(const std::string& name) {
  return std::string(kNodes) + "/" + name;
}

json labelled(const std::string& value) {
  return {{"metadata", {{"labels", {{"l", value}}}}}};
}

/// Follows a collection on a thread of its own, and notes what it hears as "listed a,b", "a=1",
/// "-a".
class Watching : public KubeWorld {
 protected:
  void TearDown() override {
    stop.request_stop();  // Before the server goes, and what its end would sound like.
    thread.join();
  }

  WatchListener noting() {
    return {.listed =
                [this](const std::vector<json>& objects) {
                  std::string names = "listed";
                  for (const json& object : objects) names += " " + describe(object);
                  note(names);
                },
            .changed = [this](const json& object) { note(describe(object)); },
            .removed = [this](const json& object) { note("-" + describe(object)); },
            .failed = [this](const Error& error) { note("failed: " + error.message()); }};
  }

  void start(const std::string& selector = "") { start_with(noting(), selector); }

  void start_with(const WatchListener& listener, const std::string& selector = "") {
    thread = std::jthread([this, listener, selector] {
      follow(*client, {.path = kNodes, .field_selector = selector}, listener, stop.get_token());
    });
  }

  static std::string describe(const json& object) {
    const json& metadata = object["metadata"];
    const std::string name = metadata["name"];
    return metadata.contains("labels") ? name + "=" + metadata["labels"]["l"].get<std::string>()
                                       : name;
  }

  void note(const std::string& text) {
    {
      const std::lock_guard lock(mutex);
      heard.push_back(text);
    }
    changed.notify_all();
  }

  /// What has been heard when that is `count` notes, or after 30 s.
  std::vector<std::string> hear(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, seconds(30), [&] { return heard.size() >= count; });
    return heard;
  }

  std::vector<FakeApiServer::Request> lists() const {
    std::vector<FakeApiServer::Request> found = server.requests();
    std::erase_if(found, [](const auto& request) { return request.is_watch(); });
    return found;
  }

  static bool is_watch(const FakeApiServer::Request& request) { return request.is_watch(); }

  const std::unique_ptr<ApiClient> client = connect();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> heard;
  std::jthread thread;
};

TEST_F(Watching, ListsThenHearsOfEveryChange) {
  server.put(node("a"), labelled("1"));
  start();
  hear(1);
  server.put(node("a"), labelled("2"));
  server.put(node("b"), {});
  server.erase(node("a"));

  EXPECT_THAT(hear(4), ElementsAre("listed a=1", "a=2", "b", "-a=2"));
}

TEST_F(Watching, AsksForWhatItSelectsOnly) {
  server.put(node("a"), {});
  server.put(node("b"), {});
  start("metadata.name=b");
  hear(1);
  server.put(node("a"), labelled("1"));
  server.put(node("b"), labelled("1"));

  EXPECT_THAT(hear(2), ElementsAre("listed b", "b=1"));
  ASSERT_TRUE(server.wait_for(1, is_watch));
  const FakeApiServer::Request watch = server.requests().at(1);
  EXPECT_EQ(watch.query.at("fieldSelector"), "metadata.name=b");
  EXPECT_EQ(watch.query.at("allowWatchBookmarks"), "true");
  EXPECT_GE(std::stoi(watch.query.at("timeoutSeconds")), 300);
  EXPECT_LE(std::stoi(watch.query.at("timeoutSeconds")), 600);
}

TEST_F(Watching, ReadsLongListsPageByPage) {
  for (int i = 0; i < 501; ++i) server.put(node(fmt::format("n{}", i)), {});
  start();

  EXPECT_EQ(split(hear(1).at(0), ' ').size(), 502u);
  EXPECT_EQ(lists().size(), 2u);
  EXPECT_EQ(lists().at(0).query.at("limit"), "500");
}

TEST_F(Watching, GivesLongListsPageByPageToThoseWhoWantThem) {
  for (int i = 0; i < 501; ++i) server.put(node(fmt::format("n{}", i)), {});
  server.fail_next({.status = 403, .reason = "Forbidden"});
  WatchListener listener = noting();
  listener.begun = [this] { note("begun"); };
  listener.page = [this](const std::vector<json>& objects) {
    note(fmt::format("page of {}", objects.size()));
  };
  start_with(listener);

  EXPECT_THAT(hear(6), ElementsAre("begun", HasSubstr("failed"), "begun", "page of 500",
                                   "page of 1", "listed"));
}

TEST_F(Watching, GoesOnWhereAWatchEnded) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.put(node("a"), {});
  hear(2);
  server.cut_watches();
  server.put(node("b"), {});

  EXPECT_THAT(hear(3), ElementsAre("listed", "a", "b"));
  EXPECT_EQ(lists().size(), 1u);
}

TEST_F(Watching, GoesOnAfterACutInTheMiddleOfALine) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.put(node("a"), {});
  hear(2);
  server.cut_watches(R"({"type":"MODIFIED","object":{"metada)");
  server.put(node("a"), labelled("1"));

  EXPECT_THAT(hear(3), ElementsAre("listed", "a", "a=1"));
}

TEST_F(Watching, ABookmarkMovesTheStart) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.bookmark();
  server.cut_watches();
  ASSERT_TRUE(server.wait_for(2, is_watch));

  const std::vector<FakeApiServer::Request> all = server.requests();
  EXPECT_GT(std::stoi(all.back().query.at("resourceVersion")),
            std::stoi(all.at(1).query.at("resourceVersion")));
  EXPECT_THAT(hear(1), ElementsAre("listed"));
}

TEST_F(Watching, ListsAgainAfterAnExpiryInTheStream) {
  server.put(node("a"), {});
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.erase(node("a"));
  hear(2);
  server.expire();

  EXPECT_THAT(hear(3), ElementsAre("listed a", "-a", "listed"));
}

TEST_F(Watching, ListsAgainAfterAnExpiryByStatus) {
  server.put(node("a"), {});
  server.fail_next({.status = 410, .reason = "Gone", .for_watch = true});
  start();

  EXPECT_THAT(hear(2), ElementsAre("listed a", "listed a"));
  EXPECT_EQ(pauses.waits().size(), 1u) << "an expiry without any progress must not spin";
}

TEST_F(Watching, BacksOffWhileListsAreExpired) {
  server.put(node("a"), {});
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.put(node("a"), labelled("1"));
  hear(2);
  for (int i = 0; i < 3; ++i) server.fail_next({.status = 410, .reason = "Expired"});
  server.expire();

  EXPECT_THAT(hear(3), ElementsAre("listed a", "a=1", "listed a=1"));
  EXPECT_EQ(pauses.waits().size(), 3u);
}

TEST_F(Watching, WaitsAsLongAsTheServerSays) {
  server.fail_next(
      {.status = 429, .reason = "TooManyRequests", .retry_after = 9, .for_watch = true});
  start();
  ASSERT_TRUE(server.wait_for_watches(1));

  EXPECT_THAT(pauses.waits(), ElementsAre(seconds(9)));
  EXPECT_THAT(hear(3), ElementsAre("listed",
                                   "failed: watch of /api/v1/nodes: 429 TooManyRequests: "
                                   "as the test wants it",
                                   "listed"));
}

TEST_F(Watching, BacksOffWhileListsFail) {
  for (int i = 0; i < 2; ++i) server.fail_next({.status = 403, .reason = "Forbidden"});
  start();

  EXPECT_THAT(hear(3),
              ElementsAre(HasSubstr("403 Forbidden"), HasSubstr("403 Forbidden"), "listed"));
  EXPECT_EQ(pauses.waits().size(), 2u);
}

TEST_F(Watching, BacksOffWhenAWatchEndsAtOnce) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.cut_watches();
  ASSERT_TRUE(server.wait_for(2, is_watch));

  EXPECT_THAT(hear(3),
              ElementsAre("listed", "failed: watch of /api/v1/nodes ended at once", "listed"));
  EXPECT_EQ(pauses.waits().size(), 1u);
}

TEST_F(Watching, BeginsAgainAfterNonsense) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.cut_watches("<html>\n");

  EXPECT_THAT(
      hear(3),
      ElementsAre("listed", "failed: /api/v1/nodes: want a watch event, got '<html>'", "listed"));
}

TEST_F(Watching, SurvivesALineThatHasNoObject) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  server.cut_watches("{\"type\":\"ADDED\",\"object\":{\"metadata\":null}}\n");

  EXPECT_THAT(hear(3), ElementsAre("listed", HasSubstr("want a watch event"), "listed"));
}

TEST_F(Watching, StopsInTheMiddleOfAWatch) {
  start();
  ASSERT_TRUE(server.wait_for_watches(1));
  stop.request_stop();
  thread.join();  // Would last until the watch ends by itself, in minutes.

  EXPECT_THAT(hear(1), ElementsAre("listed"));
  thread = std::jthread([] {});
}

}  // namespace
}  // namespace sluice
