#include "pkg/daemon/instance_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/atomic_file.h"

namespace sluice {
namespace {

/// What tells the container of this process from others: "mnt:[4026531841]" (namespaces(7)).
std::string own_mounts() {
  std::array<char, 64> text{};
  const ssize_t length = ::readlink("/proc/self/ns/mnt", text.data(), text.size());
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

/// In place: a renamed file would be another lock. With the host's name, since the process id of
/// a container is 1 more often than not.
Result<> write_holder(const std::string& path) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string text = fmt::format("{} on '{}'\n{}\n", ::getpid(), host.data(), own_mounts());
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) {
    return Error::from_errno(errno, fmt::format("write our name to '{}'", path));
  }
  return {};
}

}  // namespace

Result<InstanceLock> InstanceLock::take(const std::string& path) {
  Result<FileLock> lock = FileLock::take(path, std::chrono::milliseconds(0));
  if (!lock && lock.error().code() == Code::busy) {
    const std::string text = read_file(path).value_or("");
    const std::string holder = text.substr(0, text.find('\n'));
    return Error(Code::busy, fmt::format("another instance is running: process {} holds '{}'",
                                         holder.empty() ? "?" : holder, path));
  }
  if (!lock) return lock.error();
  TRY(write_holder(path));
  return InstanceLock(std::move(*lock));
}

Result<bool> InstanceLock::was_taken_here(const std::string& path) {
  const std::string text = TRY(read_file(path));
  const std::string mounts = own_mounts();
  return !mounts.empty() && text.ends_with(fmt::format("\n{}\n", mounts));
}

}  // namespace sluice
