// The process that watches a trial. Each test forks.
#include "ctl/doctor/watch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{10'000};
constexpr Step kFirst{"first", "one", nullptr};
constexpr Step kSecond{"second", "two", nullptr};
constexpr Step kThird{"third", "three", nullptr};

class WatchTest : public testing::Test {
 protected:
  Result<std::string> watched(const std::function<void(const Tell&)>& trial,
                              milliseconds bound = kLong) {
    return watch(
        trial, [this](const StepResult& step) { told.push_back(step.step); }, *signals, bound);
  }

  static bool no_child_is_left() { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

  Result<HeldSignals> signals = HeldSignals::hold();
  std::vector<std::string> told;
};

TEST_F(WatchTest, PassesOnWhatATrialTellsInItsOwnProcess) {
  const pid_t watcher = ::getpid();
  ASSERT_OK_AND_ASSIGN(
      const std::string why, watched([watcher](const Tell& tell) {
        if (::getpid() == watcher) return;
        tell({.step = "first"});
        tell({.step = "second", .promise = std::string(100'000, 'x')});  // More than a pipe holds.
      }));
  EXPECT_EQ(why, "");
  EXPECT_THAT(told, testing::ElementsAre("first", "second"));
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(WatchTest, SaysByWhatATrialWasKilledAndKeepsWhatItHadTold) {
  ASSERT_OK_AND_ASSIGN(const std::string why, watched([](const Tell& tell) {
                         tell({.step = "first"});
                         ::raise(SIGKILL);
                       }));
  EXPECT_EQ(why, "killed by signal 9");
  EXPECT_THAT(told, testing::ElementsAre("first"));
}

TEST_F(WatchTest, SaysWithWhatStatusATrialEnded) {
  ASSERT_OK_AND_ASSIGN(const std::string why, watched([](const Tell&) { ::_exit(3); }));
  EXPECT_EQ(why, "ended with status 3");
}

TEST_F(WatchTest, EndsATrialThatTakesTooLong) {
  ASSERT_OK_AND_ASSIGN(const std::string why,
                       watched([](const Tell&) { ::pause(); }, milliseconds(50)));
  EXPECT_EQ(why, "out of time");
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(WatchTest, EndsTheTrialWhenItIsInterruptedItself) {
  ASSERT_OK_AND_ASSIGN(const std::string why, watched([](const Tell&) {
                         ::kill(::getppid(), SIGTERM);
                         ::pause();
                       }));
  EXPECT_EQ(why, "interrupted");
  EXPECT_TRUE(no_child_is_left());
}

TEST_F(WatchTest, OfATrialCutShortTellsTheRest) {
  const std::array steps = {kFirst, kSecond, kThird};
  const auto rest = untold_steps(steps, {{.step = "first"}}, "killed by signal 9");
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].step, "second");
  EXPECT_EQ(rest[0].finding,
            (Finding{Verdict::untried, "the trial ended here: killed by signal 9"}));
  EXPECT_EQ(rest[1].finding,
            (Finding{Verdict::untried, "the trial ended before: killed by signal 9"}));
}

}  // namespace
}  // namespace sluice
