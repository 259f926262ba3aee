#include "pkg/podlanes/line.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_left(Clock::time_point deadline) {
  const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

// Until the socket is ready for `events`.
Result<> wait(const Line& line, short events) {
  std::array<pollfd, 2> waited{pollfd{.fd = line.fd, .events = events, .revents = 0},
                               pollfd{.fd = line.stop_fd, .events = POLLIN, .revents = 0}};
  for (;;) {
    const int ready = ::poll(waited.data(), waited.size(), milliseconds_left(line.deadline));
    if (ready == 0) return Error(Code::timed_out, "the peer took too long");
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return Error::from_errno(errno, "wait for the peer");
    if (waited[1].revents != 0) return Error(Code::busy, "shutting down");
    return {};
  }
}

bool may_retry(int error) {
  return error == EAGAIN || error == EINTR;
}

// That it went away (ECONNRESET, EPIPE) is no fault of the question.
Error gone(int error, std::string_view attempt) {
  return {Code::busy, Error::from_errno(error, attempt).message(), error};
}

}  // namespace

Result<std::string> read_line(const Line& line, std::size_t most) {
  std::string text;
  std::array<char, 4096> buffer;  // NOLINT(cppcoreguidelines-init-variables): recv() fills it.
  for (;;) {
    TRY(wait(line, POLLIN));
    const ssize_t got = ::recv(line.fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && may_retry(errno)) continue;
    if (got < 0) return gone(errno, "read a line");
    if (got == 0 && text.empty()) {
      return Error(Code::not_found, "the peer went away without a word");
    }
    if (got == 0) return Error(Code::busy, "the peer went away before the end of its line");
    text.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = text.find('\n');
    if (std::min(end, text.size()) > most) {
      return Error(Code::invalid_argument, fmt::format("a line has more than {} bytes", most));
    }
    if (end == std::string::npos) continue;
    text.resize(end);
    return text;
  }
}

Result<> write_line(const Line& line, std::string_view text) {
  const std::string whole = std::string(text) + '\n';
  std::string_view left = whole;
  while (!left.empty()) {
    const ssize_t sent = ::send(line.fd, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent > 0) left.remove_prefix(static_cast<std::size_t>(sent));
    if (sent >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return gone(errno, "write a line");
    TRY(wait(line, POLLOUT));
  }
  return {};
}

}  // namespace sluice
