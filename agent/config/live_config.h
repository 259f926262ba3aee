#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/config/kept_config.h"
#include "pkg/config/config.h"

namespace sluice {

using ConfigPtr = std::shared_ptr<const Config>;

/// The configuration in force, and the file it is read from. A file that is not good changes
/// nothing. One thread reloads; current() may be called from any.
class LiveConfig {
 public:
  /// `state_dir` is where the last good one is kept. Networks for nodes of other names than `node`
  /// are left out.
  LiveConfig(std::string path, const std::string& state_dir, std::string node = {})
      : path_(std::move(path)), kept_(state_dir), node_(std::move(node)) {}

  /// The first load: of the file, or of the last good one where the file is not good. Fails with
  /// what is wrong with the file when there is neither.
  Result<> load();

  /// Reads the file: true when another configuration is in force now. As long as it is not good,
  /// invalid_argument with all problems, a line each; the Error of reading it. Another domain than
  /// the one in force is not good: resources of both names would offer the same VFs.
  Result<bool> reload();

  /// Keeps the file as it was last good for the next start; nothing to do mostly.
  Result<> keep();

  /// Whether the file has been good since the start; else the last good one is in force. Of the
  /// reloading thread.
  bool is_of_file() const { return text_.has_value(); }

  /// Null before the first good file.
  ConfigPtr current() const;

  /// Where changes of the file show: a ConfigMap is swapped as a whole by a link beside it.
  std::string directory() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  KeptConfig kept_;
  std::string node_;
  std::optional<std::string> text_;  // Of the last good file; of the reloading thread.
  mutable std::mutex mutex_;         // Guards config_.
  ConfigPtr config_;
};

}  // namespace sluice
