#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

namespace sluice {

/// A stop that follows another one after a time: for what a program still needs to finish its last
/// calls.
class LateStop final {
 public:
  LateStop(const std::stop_token& first, std::chrono::milliseconds later);
  LateStop(const LateStop&) = delete;
  LateStop& operator=(const LateStop&) = delete;
  ~LateStop() = default;

  std::stop_token token() const { return stop_.get_token(); }

  /// At once, when nothing is left to finish.
  void request_stop() { stop_.request_stop(); }

 private:
  std::stop_source stop_;
  std::jthread thread_;                              // From the first stop on.
  std::stop_callback<std::function<void()>> begin_;  // The last member: it starts the thread.
};

}  // namespace sluice
