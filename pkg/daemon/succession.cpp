#include "pkg/daemon/succession.h"

#include <condition_variable>
#include <mutex>

#include "pkg/fs/is_locked.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// flock(2) tells no one that a lock was taken or let go. An update notices neither wait; a second
// has few of the shorter ones only while an instance waits for another.
constexpr std::chrono::milliseconds kUntilAsked{100};
constexpr std::chrono::milliseconds kUntilFree{10};

/// `take` until it is not busy; nullopt at the stop.
template <typename Lock, typename Take>
Result<std::optional<Lock>> wait_for(const std::stop_token& stop, const Take& take) {
  while (true) {
    Result<Lock> lock = take();
    if (lock) return std::optional<Lock>(*std::move(lock));
    if (lock.error().code() != Code::busy) return lock.error();
    if (!rest(stop, kUntilFree)) return std::optional<Lock>();
  }
}

}  // namespace

bool rest(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

Result<Turn> Succession::take() const {
  return Turn(TRY(InstanceLock::take(path_)));
}

Result<std::optional<Turn>> Succession::take_over(const std::stop_token& stop) const {
  std::optional<FileLock> next = TRY(wait_for<FileLock>(
      stop, [this] { return FileLock::take(next_path_, std::chrono::milliseconds(0)); }));
  if (!next) return std::optional<Turn>();
  std::optional<InstanceLock> lock =
      TRY(wait_for<InstanceLock>(stop, [this] { return InstanceLock::take(path_); }));
  if (!lock) return std::optional<Turn>();
  return std::optional<Turn>(Turn(*std::move(lock), std::move(next)));
}

Result<std::optional<Turn>> Succession::try_to_take_back() const {
  if (is_asked()) return std::optional<Turn>();
  Result<InstanceLock> lock = InstanceLock::take(path_);
  if (lock) return std::optional<Turn>(Turn(*std::move(lock)));
  if (lock.error().code() == Code::busy) return std::optional<Turn>();
  return lock.error();
}

Result<std::optional<Turn>> Succession::take_back(const std::stop_token& stop) const {
  while (!stop.stop_requested()) {
    std::optional<Turn> turn = TRY(try_to_take_back());
    if (turn) return turn;
    rest(stop, kUntilAsked);
  }
  return std::optional<Turn>();
}

// What cannot be told is no request.
bool Succession::is_asked() const {
  return is_locked(next_path_).value_or(false);
}

void Succession::await_request(const std::stop_token& stop) const {
  while (!is_asked() && rest(stop, kUntilAsked)) {
  }
}

void Succession::await_arrival(const std::stop_token& stop, std::chrono::milliseconds grace) const {
  while (is_asked() && rest(stop, kUntilFree)) {
  }
  const Clock::time_point end = Clock::now() + grace;
  while (is_asked() && Clock::now() < end) rest({}, kUntilFree);
}

}  // namespace sluice
