#include "dra/slices/slice_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "test/unit/dra_slices/publisher_world.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

class Watch : public PublisherWorld {
 protected:
  void put(const std::string& driver = "sluice.dev") {
    server.put(path(), {{"spec", {{"driver", driver}, {"nodeName", "node-a"}}}});
  }

  std::unique_ptr<SliceWatch> watch() {
    return std::make_unique<SliceWatch>(
        *client, SliceWatch::Selection{.driver = "sluice.dev", .node = "node-a"},
        SliceWatch::Listener{.listed = [this] { note([this] { ++lists; }); },
                             .changed = [this] { note([this] { ++changes; }); },
                             .failed =
                                 [this](const std::string& verb, const Error& error) {
                                   note([&] { failures.push_back(verb + ": " + error.message()); });
                                 }});
  }

  static StoredSlice slice(const std::string& uid, const std::string& version) {
    return {.name = "00000-sluice.dev-node-a",
            .uid = uid,
            .version = version,
            .labels = {},
            .annotations = {},
            .content = Error(Code::invalid_argument, "of the test")};
  }

  int lists = 0;
  int changes = 0;
};

TEST_F(Watch, KnowsNothingBeforeTheServerAnswered) {
  for (int i = 0; i < 5; ++i) server.fail_next({.status = 500, .method = "GET"});
  const auto slices = watch();
  EXPECT_EQ(slices->latest(), nullptr);
  slices->note(slice("u", "1"));
  slices->forget("x");
  wait_until([&] { return lists == 1; });
  EXPECT_TRUE(slices->latest()->slices.empty());
  EXPECT_THAT(failures, testing::ElementsAre(testing::StartsWith("get: GET /apis/resource")));
}

TEST_F(Watch, SeesTheSlicesOfItsDriverOnItsNodeAlone) {
  put();
  server.put(path("other"), {{"spec", {{"driver", "gpu.example.com"}, {"nodeName", "node-a"}}}});
  const auto slices = watch();
  wait_until([&] { return lists == 1; });
  EXPECT_EQ(slices->latest()->slices.size(), 1u);

  ASSERT_TRUE(server.wait_for_watches(1));
  server.erase(path());
  wait_until([&] { return changes == 1; });
  EXPECT_TRUE(slices->latest()->slices.empty());
}

TEST_F(Watch, EventsFromBeforeAnAnswerDoNotUndoIt) {
  put();
  const auto slices = watch();
  wait_until([&] { return lists == 1; });
  ASSERT_TRUE(server.wait_for_watches(1));
  slices->note(slice("u", "999999"));
  put();
  wait_until([&] { return changes == 1; });
  EXPECT_EQ(slices->latest()->slices.at("00000-sluice.dev-node-a").version, "999999");
}

TEST_F(Watch, TheEndOfAnEarlierSliceIsNotThatOfThePresentOne) {
  put();
  const auto slices = watch();
  wait_until([&] { return lists == 1; });
  ASSERT_TRUE(server.wait_for_watches(1));
  slices->note(slice("another", "999999"));
  server.erase(path());
  wait_until([&] { return changes == 1; });
  EXPECT_EQ(slices->latest()->slices.size(), 1u);

  slices->forget("00000-sluice.dev-node-a");
  EXPECT_TRUE(slices->latest()->slices.empty());
}

TEST_F(Watch, VersionsThatAreNoNumbersCountAsTheyCome) {
  const auto slices = watch();
  wait_until([&] { return lists == 1; });
  slices->note(slice("u", "b"));
  slices->note(slice("u", "a"));
  EXPECT_EQ(slices->latest()->slices.begin()->second.version, "a");
}

}  // namespace
}  // namespace sluice::dra
