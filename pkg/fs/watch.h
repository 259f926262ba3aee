#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// What happened in a directory, each name once however often.
struct DirectoryChanges {
  std::vector<std::string> names;  ///< Made, moved in or out, written or removed. Sorted.
  bool lost = false;               ///< Events were dropped: anything may have changed.
  bool gone = false;               ///< The directory itself was removed or moved: open it again.

  bool any() const { return !names.empty() || lost || gone; }

  friend bool operator==(const DirectoryChanges&, const DirectoryChanges&) = default;
};

/// Tells that entries of one directory changed (inotify(7)). It only wakes: its user looks
/// at the directory itself. Not thread-safe.
class Watch {
 public:
  /// not_found when there is no such directory.
  static Result<Watch> open(const std::string& directory);

  /// For poll(2) and the like: readable while there is something to drain.
  int fd() const { return inotify_.get(); }

  /// Takes what came since the last time; never blocks.
  Result<DirectoryChanges> drain() const;

 private:
  explicit Watch(UniqueFd inotify) : inotify_(std::move(inotify)) {}

  UniqueFd inotify_;
};

}  // namespace sluice
