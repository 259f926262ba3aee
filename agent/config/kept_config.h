#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/config/config.h"

namespace sluice {

/// The text of the last good configuration, in the state directory: a node that starts again while
/// the given one is bad goes on with it, and keeps its devices. One thread at a time.
class KeptConfig {
 public:
  explicit KeptConfig(const std::string& state_dir) : path_(state_dir + "/config.json") {}

  /// On disk when it returns; nothing is written where the text is there already.
  Result<> keep(const std::string& text);

  /// not_found when none was kept, invalid_argument when it is not good any more: this version
  /// reads it otherwise.
  Result<Config> load() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string kept_;  // As last written or found.
};

}  // namespace sluice
