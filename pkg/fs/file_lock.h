#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// An exclusive flock(2) on a file made for it, held until this object goes or the process ends.
/// The file stays: removing it would let two holders in.
class FileLock {
 public:
  /// busy when another process (or another FileLock of this one) still has it after `timeout`.
  static Result<FileLock> take(const std::string& path, std::chrono::milliseconds timeout);

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace sluice
