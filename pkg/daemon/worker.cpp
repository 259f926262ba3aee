#include "pkg/daemon/worker.h"

#include <pthread.h>

#include <utility>

namespace sluice {

using Clock = std::chrono::steady_clock;

Worker::Worker(std::string name, std::chrono::milliseconds period, Step step)
    : name_(std::move(name)), period_(period), step_(std::move(step)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), name_.c_str());
    run(stop);
  });
}

void Worker::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

std::optional<Clock::duration> Worker::busy_for() const {
  const std::lock_guard lock(mutex_);
  if (!busy_since_) return std::nullopt;
  return Clock::now() - *busy_since_;
}

void Worker::run(const std::stop_token& stop) {
  do {
    {
      const std::lock_guard lock(mutex_);
      is_woken_ = false;  // Before the step looks: what happens from now on needs another.
      busy_since_ = Clock::now();
    }
    step_(stop);
  } while (wait(stop));
}

/// Until the next step is due; false at the stop.
bool Worker::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  busy_since_.reset();
  const auto is_woken = [this] { return is_woken_; };
  if (period_ == std::chrono::milliseconds::zero()) {
    woken_.wait(lock, stop, is_woken);
  } else {
    woken_.wait_for(lock, stop, period_, is_woken);
  }
  return !stop.stop_requested();
}

}  // namespace sluice
