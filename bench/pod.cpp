#include "bench/pod.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "pkg/base/unique_fd.h"

namespace sluice::bench {
namespace {

[[noreturn]] void hold_namespace(int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char made = ::unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
  if (::write(ready, &made, 1) != 1) ::_exit(1);
  for (;;) ::pause();
}

}  // namespace

Result<Pod> Pod::make() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "pipe2");
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno(errno, "fork");
  if (child == 0) hold_namespace(out.get());
  Pod pod(child);
  char made = 0;
  if (::read(in.get(), &made, 1) != 1 || made != 'y') {
    return Error(Code::permission_denied, "make a network namespace");
  }
  return pod;
}

Pod::Pod(Pod&& other) noexcept : holder_(std::exchange(other.holder_, 0)) {}

Pod::~Pod() {
  if (holder_ == 0) return;
  ::kill(holder_, SIGKILL);
  ::waitpid(holder_, nullptr, 0);
}

std::string Pod::netns() const {
  return fmt::format("/proc/{}/ns/net", holder_);
}

}  // namespace sluice::bench
