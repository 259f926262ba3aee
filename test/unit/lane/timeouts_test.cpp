#include "pkg/lane/timeouts.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(Timeouts, LooksLessOftenTheLongerItWaits) {
  EXPECT_EQ(pause_after(0ms), 20ms);
  EXPECT_EQ(pause_after(160ms), 20ms);
  EXPECT_EQ(pause_after(800ms), 100ms);
  EXPECT_EQ(pause_after(2s), 250ms);
  EXPECT_EQ(pause_after(60s), 250ms);
}

TEST(Timeouts, LanesOfAPodShareOne) {
  EXPECT_EQ(timeout_of_next(60s, 60s), 60s);
  EXPECT_EQ(timeout_of_next(60s, 21s), 21s);
}

TEST(Timeouts, ALaneHasSomeWhenThoseBeforeItHaveUsedItUp) {
  EXPECT_EQ(timeout_of_next(60s, 3ms), 10s);
  EXPECT_EQ(timeout_of_next(60s, -5s), 10s);
}

TEST(Timeouts, NoLaneHasMoreThanItWasGiven) {
  EXPECT_EQ(timeout_of_next(2s, -1s), 2s);
  EXPECT_EQ(timeout_of_next(0s, -1s), 0s);
}

}  // namespace
}  // namespace sluice
