#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice::bench {

/// A program that runs until this object goes.
class Daemon {
 public:
  /// What it says goes to the file `log`.
  static Result<Daemon> start(std::vector<std::string> command, const std::string& log);

  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  Daemon(Daemon&& other) noexcept;
  Daemon& operator=(Daemon&&) = delete;

  /// Asks it to end, and waits until it has.
  ~Daemon();

  /// What all of its threads have used so far, in seconds; exact, unlike the ticks of
  /// /proc/<pid>/stat.
  Result<double> cpu_seconds() const;

  /// Of its memory, what is resident: VmRSS, with what it shares with others.
  Result<double> resident_bytes() const;

  /// How many descriptors it has open.
  Result<std::size_t> descriptors() const;

 private:
  explicit Daemon(pid_t pid) : pid_(pid) {}

  pid_t pid_;
};

}  // namespace sluice::bench
