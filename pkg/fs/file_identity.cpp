#include "pkg/fs/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace sluice {

Result<std::optional<FileIdentity>> identity_of(const std::string& path) {
  struct statx found {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_CTIME | STATX_BTIME,
              &found) != 0) {
    if (errno == ENOENT) return std::optional<FileIdentity>();
    return Error::from_errno(errno, fmt::format("look at '{}'", path));
  }
  const auto& born = (found.stx_mask & STATX_BTIME) != 0 ? found.stx_btime : found.stx_ctime;
  constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
  return std::optional(FileIdentity{
      .device = ::makedev(found.stx_dev_major, found.stx_dev_minor),
      .inode = found.stx_ino,
      .born_ns = static_cast<std::uint64_t>(born.tv_sec) * kNanosecondsPerSecond + born.tv_nsec});
}

}  // namespace sluice
