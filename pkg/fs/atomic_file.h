#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// Whether a write must survive a power loss or only a crash of the process.
enum class Durability { process_crash, power_loss };

/// Replaces the file at `path` (mode 0600) so that a reader sees the old or the new content, never
/// a part: written beside it, flushed if asked, renamed. An older temporary file left by a crash is
/// overwritten. The directory must exist. One writer a path at a time: callers hold a lock.
Result<> replace_file(const std::string& path, std::string_view content, Durability durability);

/// The same for a file that others read: mode 0644, its directories made (0755) where they lack,
/// not flushed. Does not touch a file that says it already.
Result<> publish_file(const std::string& path, std::string_view content);

/// Success when there was none.
Result<> remove_file(const std::string& path);

/// The whole of a regular file; not_found when there is none.
Result<std::string> read_file(const std::string& path);

/// The same with symbolic links followed: a file that a person names, or one of a mounted
/// ConfigMap, which is a link.
Result<std::string> read_linked_file(const std::string& path);

/// Moves a file that cannot be understood out of the way, to the first free "<path>.damaged-<n>",
/// and returns that name.
Result<std::string> set_aside(const std::string& path);

/// Makes a directory and its parents, mode 0700; success when it is there.
Result<> make_directories(const std::string& path);

/// Makes the directories that a file at `path` needs, mode 0755 whatever the umask; those that are
/// there keep theirs.
Result<> make_public_directories_of(const std::string& path);

}  // namespace sluice
