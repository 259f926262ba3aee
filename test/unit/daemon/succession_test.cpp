// An instance is a Succession of its own here: each opens the files, so that their locks exclude
// each other as those of processes do. One that is killed drops its locks, as the kernel does then.
#include "pkg/daemon/succession.h"

#include <gtest/gtest.h>

#include <future>

#include "pkg/fs/is_locked.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLimit{10};

class SuccessionTest : public testing::Test {
 protected:
  using MaybeTurn = Result<std::optional<Turn>>;

  Succession instance() const { return Succession(path_); }

  // In a thread of its own, as it waits.
  std::future<MaybeTurn> take_over() {
    return std::async(std::launch::async,
                      [this] { return instance().take_over(stop_.get_token()); });
  }

  std::future<MaybeTurn> take_back() {
    return std::async(std::launch::async,
                      [this] { return instance().take_back(stop_.get_token()); });
  }

  // The turn that comes of it; none within the limit fails the test.
  static std::optional<Turn> turn_of(std::future<MaybeTurn>& waiting) {
    if (waiting.wait_for(kLimit) != std::future_status::ready) return std::nullopt;
    MaybeTurn turn = waiting.get();
    EXPECT_THAT(turn, IsOk());
    return turn ? *std::move(turn) : std::nullopt;
  }

  static bool is_waiting(const std::future<MaybeTurn>& turn) {
    return turn.wait_for(milliseconds(0)) != std::future_status::ready;
  }

  bool eventually_asked() const {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (!instance().is_asked() && std::chrono::steady_clock::now() < end)
      rest({}, milliseconds(1));
    return instance().is_asked();
  }

  TempDir dir_;
  std::string path_ = dir_ / "lock";
  std::stop_source stop_;
};

TEST_F(SuccessionTest, R12_WithoutTakingOverASecondInstanceIsRefused) {
  ASSERT_OK_AND_ASSIGN(const Turn first, instance().take());
  EXPECT_THAT(instance().take(), FailsWith(Code::busy, "another instance is running"));
  EXPECT_FALSE(instance().is_asked());
}

TEST_F(SuccessionTest, TheFirstInstanceOfANodeActsAtOnceAndIsOnItsWayUntilItHasArrived) {
  ASSERT_OK_AND_ASSIGN(std::optional<Turn> turn, instance().take_over({}));
  ASSERT_TRUE(turn);
  EXPECT_TRUE(instance().is_asked());
  turn->arrived();
  EXPECT_FALSE(instance().is_asked());
  EXPECT_THAT(instance().take(), FailsWith(Code::busy, ""));
}

TEST_F(SuccessionTest, ATurnIsTakenOverWhenTheFirstLetsGo) {
  std::optional<Turn> first(instance().take().value());
  auto second = take_over();
  instance().await_request({});
  EXPECT_TRUE(is_waiting(second));
  first.reset();
  EXPECT_TRUE(turn_of(second));
}

TEST_F(SuccessionTest, AnInstanceThatIsKilledWhileItWaitsAsksNoMore) {
  ASSERT_OK_AND_ASSIGN(const Turn first, instance().take());
  auto second = take_over();
  ASSERT_TRUE(eventually_asked());
  stop_.request_stop();
  EXPECT_FALSE(turn_of(second));
  EXPECT_FALSE(instance().is_asked());
}

TEST_F(SuccessionTest, OneThatStandsByDoesNotTakeTheTurnThatAnotherHasAskedFor) {
  std::optional<Turn> first(instance().take().value());
  ASSERT_OK_AND_ASSIGN(const FileLock asking, FileLock::take(path_ + ".next", milliseconds(0)));
  first.reset();  // The one that asks has not come to take it yet.
  ASSERT_OK_AND_ASSIGN(const std::optional<Turn> back, instance().try_to_take_back());
  EXPECT_FALSE(back);
}

TEST_F(SuccessionTest, OneThatStandsByActsAgainWhenTheOtherIsKilledOnItsWay) {
  std::optional<Turn> first(instance().take().value());
  auto second = take_over();
  first.reset();
  std::optional<Turn> killed = turn_of(second);
  ASSERT_TRUE(killed);
  auto back = take_back();
  EXPECT_TRUE(is_waiting(back));
  killed.reset();  // It has not arrived.
  EXPECT_TRUE(turn_of(back));
}

TEST_F(SuccessionTest, OneThatStandsByActsAgainWhenTheOtherIsKilledLater) {
  std::optional<Turn> first(instance().take().value());
  auto second = take_over();
  first.reset();
  std::optional<Turn> other = turn_of(second);
  ASSERT_TRUE(other);
  other->arrived();
  ASSERT_OK_AND_ASSIGN(const std::optional<Turn> too_early, instance().try_to_take_back());
  EXPECT_FALSE(too_early);
  auto back = take_back();
  other.reset();
  EXPECT_TRUE(turn_of(back));
}

TEST_F(SuccessionTest, OfThreeInstancesTheLastActsAndTheFirstStandsByMeanwhile) {
  std::optional<Turn> first(instance().take().value());
  auto second = take_over();
  first.reset();
  std::optional<Turn> in_between = turn_of(second);
  ASSERT_TRUE(in_between);
  auto first_again = take_back();
  auto third = take_over();
  EXPECT_TRUE(is_waiting(third));  // One at a time is on its way.
  in_between->arrived();
  instance().await_request({});
  in_between.reset();
  std::optional<Turn> last = turn_of(third);
  ASSERT_TRUE(last);
  last->arrived();
  EXPECT_TRUE(is_waiting(first_again));
  auto second_again = take_back();
  last.reset();

  // One of the two, and the other when that ends.
  const auto either = [&] { return !is_waiting(first_again) || !is_waiting(second_again); };
  const auto end = std::chrono::steady_clock::now() + kLimit;
  while (!either() && std::chrono::steady_clock::now() < end) rest({}, milliseconds(1));
  ASSERT_TRUE(either());
  const bool is_first = !is_waiting(first_again);
  std::optional<Turn> one = turn_of(is_first ? first_again : second_again);
  ASSERT_TRUE(one);
  auto& rest_of_them = is_first ? second_again : first_again;
  EXPECT_TRUE(is_waiting(rest_of_them));
  one.reset();
  EXPECT_TRUE(turn_of(rest_of_them));
}

TEST_F(SuccessionTest, OneThatIsToEndTakesNoTurnBack) {
  stop_.request_stop();
  ASSERT_OK_AND_ASSIGN(const std::optional<Turn> back, instance().take_back(stop_.get_token()));
  EXPECT_FALSE(back);
}

TEST_F(SuccessionTest, TheArrivalIsAwaitedForAGraceAfterTheStop) {
  ASSERT_OK_AND_ASSIGN(const FileLock asking, FileLock::take(path_ + ".next", milliseconds(0)));
  stop_.request_stop();
  instance().await_arrival(stop_.get_token(), milliseconds(20));
  EXPECT_TRUE(instance().is_asked());
}

TEST(IsLocked, IsSoOnlyWhileTheLockIsHeld) {
  const TempDir dir;
  EXPECT_EQ(is_locked(dir / "lock").value(), false);
  {
    ASSERT_OK_AND_ASSIGN(const FileLock lock, FileLock::take(dir / "lock", milliseconds(0)));
    EXPECT_EQ(is_locked(dir / "lock").value(), true);
  }
  EXPECT_EQ(is_locked(dir / "lock").value(), false);
  EXPECT_THAT(is_locked("/nonexistent/lock"), FailsWith(Code::not_found, "/nonexistent/lock"));
}

}  // namespace
}  // namespace sluice
