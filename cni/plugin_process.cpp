#include "cni/plugin_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "pkg/base/unique_fd.h"

namespace sluice::cni {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutput = 1 << 20;

// A file in memory rather than a pipe: the whole input is there before the program runs, so neither
// side can wait for the other.
Result<UniqueFd> input_file(std::string_view input) {
  UniqueFd file(::memfd_create("cni-input", MFD_CLOEXEC));
  if (!file) return Error::from_errno(errno, "make a file in memory");
  while (!input.empty()) {
    const ssize_t written = ::write(file.get(), input.data(), input.size());
    if (written < 0) return Error::from_errno(errno, "write a file in memory");
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return Error::from_errno(errno, "rewind input");
  return file;
}

Result<pid_t> spawn(const PluginProcess& process, const UniqueFd& input, const UniqueFd& output) {
  std::vector<char*> environment;
  for (const std::string& variable : process.variables) {
    environment.push_back(const_cast<char*>(variable.c_str()));  // POSIX: not modified.
  }
  environment.push_back(nullptr);
  std::array<char*, 2> arguments = {const_cast<char*>(process.path.c_str()), nullptr};

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // A group of its own, so that what a script has started is ended with it.
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, process.path.c_str(), &actions, &attributes,
                                   arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error::from_errno(failed, fmt::format("run '{}'", process.path));
  return pid;
}

// timed_out when `fd` is not readable (or at its end) before `deadline`.
Result<> await(int fd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Error(Code::timed_out, "no answer in time");
    pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Error::from_errno(errno, "poll");
  }
}

Result<std::string> read_output(const UniqueFd& pipe, Clock::time_point deadline) {
  std::string output;
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-init-variables): read() fills it.
  for (;;) {
    TRY(await(pipe.get(), deadline));
    const ssize_t got = ::read(pipe.get(), buffer.data(), buffer.size());
    if (got == 0) return output;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno(errno, "read output");
    output.append(buffer.data(), static_cast<std::size_t>(got));
    if (output.size() > kMostOutput) {
      return Error(Code::invalid_argument, "printed more than 1 MiB");
    }
  }
}

Result<int> reap(pid_t pid, Clock::time_point deadline) {
  // The header of glibc 2.36's pidfd_open() lacks C linkage. Linux 5.3.
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!handle) return Error::from_errno(errno, "open process");
  TRY(await(handle.get(), deadline));
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return Error::from_errno(errno, "wait for process");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<PluginExit> follow(pid_t pid, const UniqueFd& pipe, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  PluginExit exit;
  exit.output = TRY(read_output(pipe, deadline));
  exit.status = TRY(reap(pid, deadline));
  return exit;
}

}  // namespace

Result<PluginExit> run(const PluginProcess& process) {
  const UniqueFd input = TRY(input_file(process.input));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t pid = TRY(spawn(process, input, writer));
  writer = UniqueFd();  // Ours; the end of output is when the program's is closed too.

  Result<PluginExit> exit = follow(pid, reader, process.timeout);
  if (!exit) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  return std::move(exit).context("'{}'", process.path);
}

}  // namespace sluice::cni
