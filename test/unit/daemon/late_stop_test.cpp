#include "pkg/daemon/late_stop.h"

#include <gtest/gtest.h>

#include <optional>

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(LateStop, FollowsTheFirstWhenTheTimeIsOver) {
  std::stop_source first;
  const LateStop late(first.get_token(), 1ms);
  EXPECT_FALSE(late.token().stop_requested());
  first.request_stop();
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!late.token().stop_requested() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(late.token().stop_requested());
}

TEST(LateStop, LeavesTheTimeToWhatIsToBeFinished) {
  std::stop_source first;
  LateStop late(first.get_token(), 1h);
  first.request_stop();
  EXPECT_FALSE(late.token().stop_requested());
  late.request_stop();
  EXPECT_TRUE(late.token().stop_requested());
}

TEST(LateStop, FollowsOneThatCameBeforeIt) {
  std::stop_source first;
  first.request_stop();
  std::optional<LateStop> late;
  late.emplace(first.get_token(), 1h);
  const std::stop_token token = late->token();
  EXPECT_FALSE(token.stop_requested());
  late.reset();  // Without waiting for the hour.
  EXPECT_TRUE(token.stop_requested());
}

}  // namespace
}  // namespace sluice
