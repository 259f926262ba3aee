#pragma once

#include <string>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/fs/file_lock.h"

namespace sluice {

/// Held by the instance of a daemon that acts, until it lets go or ends, however it ends.
class InstanceLock final {
 public:
  /// Locks the file at `path` (its directory must exist) and writes our process id, host and mount
  /// namespace into it. busy, naming those of the other instance, when there is one.
  static Result<InstanceLock> take(const std::string& path);

  /// Whether the instance that took the lock last is in the mount namespace of this process, which
  /// is to say in its container. not_found when none ever did.
  static Result<bool> was_taken_here(const std::string& path);

 private:
  explicit InstanceLock(FileLock lock) : lock_(std::move(lock)) {}

  FileLock lock_;
};

}  // namespace sluice
