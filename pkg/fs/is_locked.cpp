#include "pkg/fs/is_locked.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "pkg/base/unique_fd.h"

namespace sluice {

// Shared: two that ask at once both get it. Who wants the lock itself meanwhile tries again.
Result<bool> is_locked(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Error::from_errno(errno, fmt::format("open lock '{}'", path));
  while (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return true;
    if (errno != EINTR) return Error::from_errno(errno, fmt::format("look at lock '{}'", path));
  }
  return false;
}

}  // namespace sluice
