#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// A held directory. Every path is taken relative to it (openat), symbolic links are followed, and
/// what is absent is nullopt, never an Error. Made for sysfs: its root is opened once, at /sys or
/// wherever the caller was told, and the same code reads both. Stateless beside the descriptor, so
/// const calls may come from any thread.
///
/// sysfs answers reads and writes of a device that is going away with ENODEV or EIO; such errors
/// pass through, and is_gone() tells them from the rest.
class Dir {
 public:
  /// not_found when there is no directory at `path`.
  static Result<Dir> open(const std::string& path);

  /// Takes over the descriptor of a directory that may have no path.
  static Dir of(UniqueFd directory) { return Dir(std::move(directory)); }

  /// nullopt when there is no directory at `path`.
  Result<std::optional<Dir>> open_dir(const std::string& path) const;

  /// The whole of a small file (64 KiB at most, internal beyond) without the blanks at its ends. A
  /// read that gives less than a page ends it, as of a sysfs attribute: not for pipes or procfs.
  Result<std::optional<std::string>> read(const std::string& path) const;

  /// Replaces the content of a file that exists, in one write(2): what sysfs wants. Returns when
  /// the kernel has acted on it, which for some attributes takes minutes.
  Result<> write(const std::string& path, const std::string& text) const;

  /// Names in the directory at `path`, sorted, without "." and "..". Of a directory that a user
  /// space file system answers piecemeal, as sysfs never does, some may be missing.
  Result<std::optional<std::vector<std::string>>> list(const std::string& path) const;

  /// The text of a symbolic link; nullopt also when `path` is not a link.
  Result<std::optional<std::string>> read_link(const std::string& path) const;

  Result<bool> exists(const std::string& path) const;

 private:
  explicit Dir(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

/// Whether `error` says that the device behind a sysfs file has just vanished.
bool is_gone(const Error& error);

/// The part of `path` after its last '/'.
std::string base_name(const std::string& path);

}  // namespace sluice
