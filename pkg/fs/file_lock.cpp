#include "pkg/fs/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// flock(2) has no deadline, so it is asked again at intervals that grow to this: well below what a
// holder needs for one namespace move (16 ms, measured).
constexpr std::chrono::microseconds kLongestPause{2000};

}  // namespace

Result<FileLock> FileLock::take(const std::string& path, std::chrono::milliseconds patience) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Error::from_errno(errno, fmt::format("open lock '{}'", path));
  const Clock::time_point deadline = Clock::now() + patience;
  std::chrono::microseconds pause{100};
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return Error::from_errno(errno, fmt::format("lock '{}'", path));
    if (Clock::now() >= deadline) {
      return Error(Code::busy, fmt::format("lock '{}' is still held by another process after {} ms",
                                           path, patience.count()));
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return FileLock(std::move(file));
}

}  // namespace sluice
