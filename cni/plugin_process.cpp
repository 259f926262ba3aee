#include "cni/plugin_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>

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

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  return Pipe{.reader = UniqueFd(ends[0]), .writer = UniqueFd(ends[1])};
}

/// A program from its start to its end.
class Run {
 public:
  static Result<Run> start(const PluginProcess& process) {
    const UniqueFd input = TRY(input_file(process.input));
    // Our writer closes here; the output ends when the program's is closed too.
    Pipe pipe = TRY(make_pipe());
    const pid_t pid = TRY(spawn(process, input, pipe.writer));
    return Run(pid, std::move(pipe.reader), Clock::now() + process.timeout);
  }

  /// What becomes readable when there is something to do: its output, then the process itself.
  int waits_for() const { return process_ ? process_.get() : output_.get(); }

  Clock::time_point deadline() const { return deadline_; }

  /// What came of it; nullopt while it goes on.
  std::optional<Result<PluginExit>> proceed() {
    Result<bool> ended = process_ ? reap() : read_some();
    if (!ended) return abandon(std::move(ended).error());
    if (*ended) return Result<PluginExit>(std::move(exit_));
    return std::nullopt;
  }

  /// Ends it.
  Result<PluginExit> abandon(Error error) const {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    return error;
  }

 private:
  Run(pid_t pid, UniqueFd output, Clock::time_point deadline)
      : pid_(pid), output_(std::move(output)), deadline_(deadline) {}

  Result<bool> read_some() {
    std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-init-variables): read() fills it.
    const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return false;
    if (got < 0) return Error::from_errno(errno, "read output");
    if (got == 0) return open_process();
    exit_.output.append(buffer.data(), static_cast<std::size_t>(got));
    if (exit_.output.size() <= kMostOutput) return false;
    return Error(Code::invalid_argument, "printed more than 1 MiB");
  }

  Result<bool> open_process() {
    // The header of glibc 2.36's pidfd_open() lacks C linkage. Linux 5.3.
    process_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!process_) return Error::from_errno(errno, "open process");
    return false;
  }

  Result<bool> reap() {
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return Error::from_errno(errno, "wait for process");
    exit_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  pid_t pid_;
  UniqueFd output_;
  UniqueFd process_;  // Once the output has ended.
  Clock::time_point deadline_;
  PluginExit exit_;
};

struct Running {
  std::size_t position;  // In the list of processes.
  Run run;
};

// What each has to say; returns at the first deadline at the latest.
Result<std::vector<pollfd>> await(const std::vector<Running>& running) {
  std::vector<pollfd> waited;
  Clock::time_point first = Clock::time_point::max();
  for (const Running& each : running) {
    waited.push_back({.fd = each.run.waits_for(), .events = POLLIN, .revents = 0});
    first = std::min(first, each.run.deadline());
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now());
  const int limit = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  if (::poll(waited.data(), waited.size(), limit) < 0 && errno != EINTR) {
    return Error::from_errno(errno, "poll");
  }
  return waited;
}

std::optional<Result<PluginExit>> go_on(Run& run, bool is_ready) {
  if (Clock::now() >= run.deadline()) {
    return run.abandon(Error(Code::timed_out, "no answer in time"));
  }
  if (!is_ready) return std::nullopt;
  return run.proceed();
}

/// Several programs, and what came of them by their positions.
class Runs {
 public:
  explicit Runs(std::span<const PluginProcess> processes)
      : processes_(processes), exits_(processes.size(), Error(Code::internal, "not run")) {}

  std::size_t running() const { return running_.size(); }

  void start(std::size_t position) {
    Result<Run> started = Run::start(processes_[position]);
    if (!started) {
      end(position, started.error());
    } else {
      running_.push_back({.position = position, .run = *std::move(started)});
    }
  }

  /// Waits until one can go on, and lets it.
  void proceed() {
    const Result<std::vector<pollfd>> waited = await(running_);
    for (std::size_t i = running_.size(); i-- > 0;) {
      Run& run = running_[i].run;
      std::optional<Result<PluginExit>> exit =
          waited ? go_on(run, (*waited)[i].revents != 0) : run.abandon(waited.error());
      if (!exit) continue;
      end(running_[i].position, *std::move(exit));
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  std::vector<Result<PluginExit>> take() { return std::move(exits_); }

 private:
  void end(std::size_t position, Result<PluginExit> exit) {
    exits_[position] = std::move(exit).context("'{}'", processes_[position].path);
  }

  std::span<const PluginProcess> processes_;
  std::vector<Result<PluginExit>> exits_;
  std::vector<Running> running_;
};

}  // namespace

std::vector<Result<PluginExit>> run_all(std::span<const PluginProcess> processes,
                                        std::size_t at_once) {
  Runs runs(processes);
  for (std::size_t next = 0; next < processes.size() || runs.running() > 0;) {
    for (; next < processes.size() && runs.running() < at_once; ++next) runs.start(next);
    if (runs.running() > 0) runs.proceed();  // Else none of those could be started.
  }
  return runs.take();
}

Result<PluginExit> run(const PluginProcess& process) {
  return run_all({&process, 1}, 1).front();
}

}  // namespace sluice::cni
