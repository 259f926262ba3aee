#include "pkg/fs/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// flock(2) has no deadline, so it is asked again, at intervals that grow with the wait: the longer
// a holder takes, the less it matters to be late, and the more the asking has cost. A holder needs
// 16 ms for one namespace move (measured).
constexpr int kPartOfWait = 8;
constexpr std::chrono::microseconds kShortestPause{100};
constexpr std::chrono::microseconds kLongestPause{10'000};

}  // namespace

Result<FileLock> FileLock::take(const std::string& path, std::chrono::milliseconds timeout) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Error::from_errno(errno, fmt::format("open lock '{}'", path));
  const Clock::time_point start = Clock::now();
  const Clock::time_point deadline = start + timeout;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return Error::from_errno(errno, fmt::format("lock '{}'", path));
    const Clock::time_point now = Clock::now();
    if (now >= deadline) {
      return Error(Code::busy, fmt::format("lock '{}' is still held by another process after {} ms",
                                           path, timeout.count()));
    }
    const auto part =
        std::chrono::duration_cast<std::chrono::microseconds>((now - start) / kPartOfWait);
    std::this_thread::sleep_for(std::clamp(part, kShortestPause, kLongestPause));
  }
  return FileLock(std::move(file));
}

}  // namespace sluice
