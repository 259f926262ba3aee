#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// A connected socket whose reads and writes end at a moment.
struct Line {
  int fd = -1;  ///< Non-blocking.
  std::chrono::steady_clock::time_point deadline;
  int stop_fd = -1;  ///< Readable: give up at once. -1: never.
};

/// What comes before the first line end. timed_out at the deadline, invalid_argument when it is
/// longer than `most` bytes, not_found when the peer goes away instead, busy when it does so before
/// the line ends, or on a stop.
Result<std::string> read_line(const Line& line, std::size_t most);

/// `text` and a line end. timed_out, or busy when the peer goes away.
Result<> write_line(const Line& line, std::string_view text);

}  // namespace sluice
