#include "bench/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"

namespace sluice::bench {

Result<Daemon> Daemon::start(std::vector<std::string> command, const std::string& log) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error::from_errno(failed, fmt::format("run '{}'", command[0]));
  return Daemon(child);
}

Daemon::Daemon(Daemon&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

Daemon::~Daemon() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

Result<double> Daemon::cpu_seconds() const {
  clockid_t clock = 0;
  timespec used{};
  if (const int failed = ::clock_getcpuclockid(pid_, &clock); failed != 0) {
    return Error::from_errno(failed, fmt::format("CPU clock of process {}", pid_));
  }
  if (::clock_gettime(clock, &used) != 0) {
    return Error::from_errno(errno, fmt::format("CPU time of process {}", pid_));
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

Result<double> Daemon::resident_bytes() const {
  constexpr std::string_view kKey = "VmRSS:";  // proc_pid_status(5): in KiB
  const std::string status = TRY(read_file(fmt::format("/proc/{}/status", pid_)));
  for (std::string_view line : split(status, '\n')) {
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    const std::string_view number = trim(line.substr(0, line.find("kB")));
    return static_cast<double>(TRY(parse_int<std::uint64_t>(number))) * 1024;
  }
  return Error(Code::not_found, fmt::format("process {} has no {}", pid_, kKey));
}

Result<std::size_t> Daemon::descriptors() const {
  const std::string path = fmt::format("/proc/{}/fd", pid_);
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    ++count;
  }
  if (error) return Error::from_errno(error.value(), fmt::format("list '{}'", path));
  return count;
}

}  // namespace sluice::bench
