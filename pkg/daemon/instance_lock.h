#pragma once

#include <string>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/fs/file_lock.h"

namespace sluice {

/// Held by the only instance of a daemon, from its start to its end, however it ends.
class InstanceLock final {
 public:
  /// Locks the file at `path` (its directory must exist) and writes our process id and host into
  /// it. busy, naming those of the other instance, when there is one.
  static Result<InstanceLock> take(const std::string& path);

 private:
  explicit InstanceLock(FileLock lock) : lock_(std::move(lock)) {}

  FileLock lock_;
};

}  // namespace sluice
