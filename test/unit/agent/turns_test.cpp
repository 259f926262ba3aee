#include "agent/grants/turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

TEST(Turns, AClaimIsOneCallsAtATime) {
  Turns turns;
  std::optional<Result<Turns::Turn>> first = turns.take("a", milliseconds(0));
  ASSERT_THAT(*first, IsOk());
  EXPECT_THAT(turns.take("a", milliseconds(1)), FailsWith(Code::busy, "UID 'a' is under way"));
  EXPECT_THAT(turns.take("b", milliseconds(0)), IsOk());
  first.reset();
  EXPECT_THAT(turns.take("a", milliseconds(0)), IsOk());
}

TEST(Turns, TheNextOneWaits) {
  Turns turns;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto turn = turns.take("a", std::chrono::seconds(30));
        ASSERT_THAT(turn, IsOk());
        most = std::max(most.load(), ++inside);
        std::this_thread::yield();
        --inside;
      });
    }
  }
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace sluice
