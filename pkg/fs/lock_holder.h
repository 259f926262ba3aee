#pragma once

#include <optional>
#include <string>

namespace sluice {

/// A process that holds a FileLock.
struct LockHolder {
  int pid = 0;          ///< As /proc numbers it.
  std::string program;  ///< As the kernel names it, 15 characters at most; empty: it has ended.

  friend bool operator==(const LockHolder&, const LockHolder&) = default;
};

/// "process 4711 ('sluice')"
std::string to_string(const LockHolder& holder);

/// The process that holds the FileLock on the file at `path`, by <proc>/locks. nullopt when none
/// does, when the process is of another PID namespace, and where that cannot be read: for people,
/// and no way to find out whether the lock is free. Takes no lock.
std::optional<LockHolder> lock_holder(const std::string& path, const std::string& proc = "/proc");

}  // namespace sluice
