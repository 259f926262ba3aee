#include "pkg/daemon/worker.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <semaphore>

namespace sluice {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A step that says that it has begun, and goes on when it is told to.
struct Gate {
  std::counting_semaphore<> begun{0};
  std::counting_semaphore<> go{0};

  Worker::Step step() {
    return [this](const std::stop_token& /*stop*/) {
      begun.release();
      go.acquire();
    };
  }
};

TEST(Worker, StepsAtOnceAndWhenWoken) {
  std::counting_semaphore<> steps(0);
  Worker worker("w", hours(1), [&](const std::stop_token& /*stop*/) { steps.release(); });
  EXPECT_TRUE(steps.try_acquire_for(seconds(30)));
  worker.wake();
  EXPECT_TRUE(steps.try_acquire_for(seconds(30)));
}

TEST(Worker, StepsEachPeriod) {
  std::counting_semaphore<> steps(0);
  const Worker worker("w", milliseconds(1),
                      [&](const std::stop_token& /*stop*/) { steps.release(); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(steps.try_acquire_for(seconds(30)));
}

TEST(Worker, WakeUpsDuringAStepMeanOneMore) {
  Gate gate;
  Worker worker("w", milliseconds(0), gate.step());
  gate.begun.acquire();
  for (int i = 0; i < 3; ++i) worker.wake();
  gate.go.release(4);

  EXPECT_TRUE(gate.begun.try_acquire_for(seconds(30)));
  EXPECT_FALSE(gate.begun.try_acquire_for(milliseconds(20)));
}

TEST(Worker, SaysHowLongItHasBeenBusy) {
  Gate gate;
  const Worker worker("w", milliseconds(0), gate.step());
  gate.begun.acquire();
  EXPECT_TRUE(worker.busy_for().has_value());
  gate.go.release();
  while (worker.busy_for()) std::this_thread::yield();  // Ends once it is idle.
}

TEST(Worker, TellsItsStepToStop) {
  std::counting_semaphore<> begun(0);
  bool stopped = false;
  {
    const Worker worker("w", hours(1), [&](const std::stop_token& stop) {
      begun.release();
      while (!stop.stop_requested()) std::this_thread::yield();
      stopped = true;
    });
    begun.acquire();
  }
  EXPECT_TRUE(stopped);
}

TEST(Worker, NamesItsThread) {
  std::array<char, 16> name{};
  {
    const Worker worker("repair", hours(1), [&](const std::stop_token& /*stop*/) {
      ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    });
  }
  EXPECT_STREQ(name.data(), "repair");
}

}  // namespace
}  // namespace sluice
