#include "ctl/doctor/namespace_holder.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "pkg/base/unique_fd.h"

namespace sluice {
namespace {

[[noreturn]] void hold_namespace(pid_t parent, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // It died before it could take us along.
  const int outcome = ::unshare(CLONE_NEWNET) == 0 ? 0 : errno;
  if (::write(ready, &outcome, sizeof(outcome)) != sizeof(outcome)) ::_exit(1);
  for (;;) ::pause();
}

}  // namespace

Result<NamespaceHolder> NamespaceHolder::make() {
  const char* const attempt = "make a network namespace";
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, attempt);
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno(errno, attempt);
  if (child == 0) hold_namespace(parent, out.get());
  NamespaceHolder holder(child);
  out = UniqueFd();  // So that the read ends with the child.
  int outcome = EIO;
  if (::read(in.get(), &outcome, sizeof(outcome)) != sizeof(outcome)) outcome = EIO;
  if (outcome != 0) return Error::from_errno(outcome, attempt);
  return holder;
}

NamespaceHolder::NamespaceHolder(NamespaceHolder&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)) {}

NamespaceHolder::~NamespaceHolder() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string NamespaceHolder::path() const {
  return fmt::format("/proc/{}/ns/net", pid_);
}

}  // namespace sluice
