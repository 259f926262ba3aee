#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "pkg/base/unique_fd.h"

namespace sluice {

/// A program under test: its output is read as it comes, and it does not outlive this object.
class ChildProcess {
 public:
  /// The test ends where it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Kills it where it still runs.
  ~ChildProcess();

  /// Waits, ten seconds at most, until a line of its output or errors contains `text`, from where
  /// the last call stopped; the line, or empty.
  std::string wait_for_line(const std::string& text);

  void send(int signal) const;

  /// Waits, ten seconds at most, for its end: its exit code, 128 + the signal, or -1 when it goes
  /// on.
  int wait_for_end();

  /// All that it has said so far.
  const std::string& said() const { return said_; }

 private:
  bool read_more();

  pid_t pid_ = -1;
  UniqueFd output_;
  std::string said_;
  std::size_t looked_at_ = 0;
};

}  // namespace sluice
