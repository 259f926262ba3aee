#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace sluice {

/// A named thread that does one step at once, then whenever it is woken and at least once a period.
/// Wake-ups that come during a step mean one more step, however many they are: steps read the
/// world again, so nothing is lost. Destruction waits for the step that runs.
class Worker final {
 public:
  using Step = std::function<void(const std::stop_token& stop)>;

  /// `name` has 15 characters at most (pthread_setname_np(3)). A period of zero: only when woken.
  Worker(std::string name, std::chrono::milliseconds period, Step step);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() = default;

  void wake();

  const std::string& name() const { return name_; }

  /// How long the present step has been running; nullopt between steps.
  std::optional<std::chrono::steady_clock::duration> busy_for() const;

 private:
  void run(const std::stop_token& stop);
  bool wait(const std::stop_token& stop);

  const std::string name_;
  const std::chrono::milliseconds period_;
  const Step step_;
  mutable std::mutex mutex_;  // Guards those below.
  std::condition_variable_any woken_;
  bool is_woken_ = false;
  std::optional<std::chrono::steady_clock::time_point> busy_since_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
