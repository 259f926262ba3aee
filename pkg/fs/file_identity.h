#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// What tells one file at a path from the next one there. Numbers of inodes are used again at once,
/// so the time of birth counts too, or where the file system has none, that of the last change.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t born_ns = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// nullopt when there is no file. A symbolic link is not followed.
Result<std::optional<FileIdentity>> identity_of(const std::string& path);

}  // namespace sluice
