#include "pkg/netlink/netns_sysfs.h"

#include <sys/mount.h>

#include <cerrno>

namespace sluice {
namespace {

constexpr unsigned kReadOnly =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

Result<Dir> mount_detached() {
  // The context takes the calling thread's namespace (sysfs_init_fs_context, fs/sysfs/mount.c).
  const UniqueFd context(::fsopen("sysfs", FSOPEN_CLOEXEC));
  if (!context) return Error::from_errno(errno, "open sysfs");
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return Error::from_errno(errno, "configure sysfs");
  }
  UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, kReadOnly));
  if (!mount) return Error::from_errno(errno, "mount sysfs");
  return Dir::of(std::move(mount));
}

}  // namespace

Result<Dir> open_sysfs(const NetNs& netns) {
  return run_in(netns, mount_detached).context("sysfs of a network namespace");
}

}  // namespace sluice
