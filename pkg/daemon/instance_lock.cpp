#include "pkg/daemon/instance_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "pkg/base/strings.h"
#include "pkg/base/unique_fd.h"
#include "pkg/fs/atomic_file.h"

namespace sluice {
namespace {

/// In place: a renamed file would be another lock. With the host's name, since the process id of
/// a container is 1 more often than not.
Result<> write_holder(const std::string& path) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string text = fmt::format("{} on '{}'\n", ::getpid(), host.data());
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
    const std::string holder = read_file(path).value_or("");
    return Error(Code::busy, fmt::format("another instance is running: process {} holds '{}'",
                                         holder.empty() ? "?" : trim(holder), path));
  }
  if (!lock) return lock.error();
  TRY(write_holder(path));
  return InstanceLock(std::move(*lock));
}

}  // namespace sluice
