#include "pkg/fs/read_stdin.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace sluice {

Result<std::string> read_stdin(std::size_t most, std::string_view what) {
  constexpr int kMib = 20;  // As a shift.
  std::string input;
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-init-variables): read() fills it.
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0) return input;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno(errno, "read stdin");
    input.append(buffer.data(), static_cast<std::size_t>(got));
    if (input.size() > most) {
      return Error(Code::invalid_argument,
                   fmt::format("{} on stdin is above {} MiB", what, most >> kMib));
    }
  }
}

}  // namespace sluice
