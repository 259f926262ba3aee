#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/daemon/instance_lock.h"
#include "pkg/fs/file_lock.h"

namespace sluice {

/// The turn of an instance: while it has it, it alone writes what instances share.
class Turn final {
 public:
  explicit Turn(InstanceLock lock, std::optional<FileLock> next = {})
      : lock_(std::move(lock)), next_(std::move(next)) {}

  /// It does by now all that the last instance did, which may stop helping.
  void arrived() { next_.reset(); }

 private:
  InstanceLock lock_;
  std::optional<FileLock> next_;
};

/// Has one of several instances of a daemon act, and hands its turn from one to the next. All of it
/// is two locks, which the kernel takes from an instance however it ends:
///
///   <path>       of the instance that acts
///   <path>.next  of the one that is to act next, from its start until it has arrived
///
/// The instance that acts sees the second lock and lets the first one go; it stands by from then
/// on, and acts again when both are free. Thread-safe.
class Succession final {
 public:
  /// The directory of `path` must exist.
  explicit Succession(std::string path) : path_(std::move(path)), next_path_(path_ + ".next") {}

  /// busy, naming the instance that acts, when there is one.
  Result<Turn> take() const;

  /// Asks the instance that acts for its turn, and waits for it; others that ask come later.
  /// nullopt at the stop.
  Result<std::optional<Turn>> take_over(const std::stop_token& stop) const;

  /// For an instance that stands by: takes the turn that no instance has and none has asked for.
  /// nullopt when there is none.
  Result<std::optional<Turn>> try_to_take_back() const;

  /// Waits for such a turn; nullopt at the stop.
  Result<std::optional<Turn>> take_back(const std::stop_token& stop) const;

  /// Whether an instance has asked for the turn and has not arrived yet.
  bool is_asked() const;

  /// Until an instance asks, or the stop.
  void await_request(const std::stop_token& stop) const;

  /// Until the instance that has asked has arrived or ended; at the stop `grace` is left for it.
  void await_arrival(const std::stop_token& stop, std::chrono::milliseconds grace) const;

 private:
  std::string path_;
  std::string next_path_;
};

/// Waits `time`; false at the stop.
bool rest(const std::stop_token& stop, std::chrono::milliseconds time);

}  // namespace sluice
