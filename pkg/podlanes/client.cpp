#include "pkg/podlanes/client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/socket_address.h"
#include "pkg/podlanes/line.h"
#include "pkg/podlanes/protocol.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// Between two tries to connect.
constexpr std::chrono::milliseconds kPause{20};

Result<UniqueFd> connect_once(const std::string& path) {
  const sockaddr_un address = TRY(socket_address(path));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::from_errno(errno, "make a socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return fd;
  }
  // Not there, not served, or more callers than it serves: it may be soon.
  const bool absent = errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN;
  const Error error = Error::from_errno(errno, "connect");
  return Error(absent ? Code::busy : error.code(), error.message(), error.sys_errno());
}

Result<UniqueFd> connect_within(const std::string& path, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  for (;;) {
    Result<UniqueFd> fd = connect_once(path);
    if (fd || fd.error().code() != Code::busy || Clock::now() + kPause > deadline) return fd;
    std::this_thread::sleep_for(kPause);
  }
}

// What an answer that does not come means to who asked.
Error as_answer(const Error& error) {
  Code code = error.code();
  if (code == Code::invalid_argument) code = Code::internal;
  if (code == Code::not_found) code = Code::busy;
  return {code, error.message(), error.sys_errno()};
}

Result<std::vector<PodLane>> ask(int fd, const PodId& pod, Clock::time_point deadline) {
  const Line line{.fd = fd, .deadline = deadline};
  // An agent that does not want to talk to us says so and closes, maybe before we have written.
  const Result<> asked = write_line(line, encode_question(pod));
  const Result<std::string> answer = read_line(line, kLongestAnswer);
  if (!answer) return asked ? as_answer(answer.error()) : asked.error();
  return decode_answer(*answer);
}

}  // namespace

Result<std::vector<PodLane>> PodLanesClient::lanes_of(const PodId& pod) {
  const UniqueFd fd = TRY(
      connect_within(settings_.path, settings_.timeout).context("agent at '{}'", settings_.path));
  return ask(fd.get(), pod, Clock::now() + settings_.limit)
      .context("agent at '{}'", settings_.path);
}

bool PodLanesClient::has_socket() const {
  return ::access(settings_.path.c_str(), F_OK) == 0;
}

Result<> PodLanesClient::reach() const {
  TRY(connect_once(settings_.path).context("agent at '{}'", settings_.path));
  return {};
}

}  // namespace sluice
