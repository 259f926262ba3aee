#include "ctl/doctor/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// A process that was killed is gone at once, unless the kernel does not let it go.
constexpr std::chrono::seconds kDyingTime{10};

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // The watcher is gone, and so are we.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

[[noreturn]] void run_child(pid_t parent, int out, const std::function<void(const Tell&)>& trial) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // It died before it could take us along.
  trial([out](const StepResult& step) { write_all(out, encode(step)); });
  ::_exit(0);  // Not the parent's exit handlers.
}

/// The steps told through a pipe, line by line as they come.
class Lines {
 public:
  /// False when the other end has been closed.
  bool read_more(int fd, const Tell& tell) {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    text_.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      if (const auto step = decode_step(std::string_view(text_).substr(0, end))) tell(*step);
      text_.erase(0, end + 1);
    }
    return true;
  }

 private:
  std::string text_;
};

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return fmt::format("ended with status {}", WEXITSTATUS(status));
  return {};
}

/// Waits for what `fd` has to say; false when it has said nothing by `deadline`.
bool wait_for(std::array<pollfd, 2>& watched, Clock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const int ready = ::poll(watched.data(), watched.size(),
                             static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

/// Kills the child and waits until it is gone.
void end(pid_t child, int out) {
  ::kill(child, SIGKILL);
  std::array<pollfd, 2> watched{pollfd{.fd = out, .events = 0, .revents = 0},
                                pollfd{.fd = -1, .events = 0, .revents = 0}};
  // Its end of the pipe closes with it.
  if (wait_for(watched, Clock::now() + kDyingTime)) ::waitpid(child, nullptr, 0);
}

std::string follow(pid_t child, int out, const Tell& tell, const HeldSignals& signals,
                   Clock::time_point deadline) {
  Lines lines;
  std::array<pollfd, 2> watched{pollfd{.fd = out, .events = POLLIN, .revents = 0},
                                pollfd{.fd = signals.fd(), .events = POLLIN, .revents = 0}};
  for (;;) {
    std::string why;
    if (!wait_for(watched, deadline)) why = "out of time";
    if (watched[1].revents != 0) why = "interrupted";
    if (!why.empty()) {
      end(child, out);
      return why;
    }
    if (watched[0].revents != 0 && !lines.read_more(out, tell)) break;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return describe_end(status);
}

}  // namespace

Result<HeldSignals> HeldSignals::hold() {
  sigset_t held{};
  ::sigemptyset(&held);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&held, signal);
  if (::sigprocmask(SIG_BLOCK, &held, nullptr) != 0)
    return Error::from_errno(errno, "hold signals");
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return Error::from_errno(errno, "ignore SIGPIPE");
  UniqueFd fd(::signalfd(-1, &held, SFD_CLOEXEC));
  if (!fd) return Error::from_errno(errno, "read signals");
  return HeldSignals(std::move(fd));
}

Result<std::string> watch(const std::function<void(const Tell&)>& trial, const Tell& tell,
                          const HeldSignals& signals, std::chrono::milliseconds bound) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno(errno, "start the trial");
  if (child == 0) run_child(parent, out.get(), trial);
  out = UniqueFd();  // So that reading ends with the child.
  return follow(child, in.get(), tell, signals, Clock::now() + bound);
}

std::vector<StepResult> untold_steps(std::span<const Step> all, const std::vector<StepResult>& done,
                                     const std::string& why) {
  std::vector<StepResult> untold;
  for (const Step& step : all) {
    const bool told = std::any_of(done.begin(), done.end(),
                                  [&](const StepResult& other) { return other.step == step.name; });
    if (told) continue;
    const std::string answer =
        untold.empty() ? "the trial ended here: " + why : "the trial ended before: " + why;
    untold.push_back({.step = step.name,
                      .promise = step.promise,
                      .finding = {.verdict = Verdict::untried, .answer = answer}});
  }
  return untold;
}

}  // namespace sluice
