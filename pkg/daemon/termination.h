#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace sluice {

/// Turns SIGTERM and SIGINT into a stop. Made before any other thread, so that these inherit that
/// the signals are blocked. A second signal ends the process at once, with status 1: a person is in
/// a hurry.
class Termination final {
 public:
  Termination();
  Termination(const Termination&) = delete;
  Termination& operator=(const Termination&) = delete;

  /// The signals do again what they did before.
  ~Termination();

  std::stop_token token() const { return stop_.get_token(); }

  /// Waits for a signal, or for another's request_stop().
  void wait() const;

  void request_stop() { stop_.request_stop(); }

 private:
  void run();

  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::atomic<bool> is_over_ = false;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
