#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "pkg/config/config.h"

namespace sluice {

using ConfigPtr = std::shared_ptr<const Config>;

/// The configuration in force, and the file it is read from. A file that is not good changes
/// nothing. One thread reloads; current() may be called from any.
class LiveConfig {
 public:
  explicit LiveConfig(std::string path) : path_(std::move(path)) {}

  /// Reads the file: true when another configuration is in force now. As long as it is not good,
  /// invalid_argument with all problems, a line each; the Error of reading it. Another domain than
  /// the one in force is not good: resources of both names would offer the same VFs.
  Result<bool> reload();

  /// Null before the first good file.
  ConfigPtr current() const;

  /// Where changes of the file show: a ConfigMap is swapped as a whole by a link beside it.
  std::string directory() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::optional<std::string> text_;  // Of the last good file; of the reloading thread.
  mutable std::mutex mutex_;         // Guards config_.
  ConfigPtr config_;
};

}  // namespace sluice
