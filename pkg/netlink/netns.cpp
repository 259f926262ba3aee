#include "pkg/netlink/netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdlib>

namespace sluice {
namespace {

/// The cookie of the calling thread's namespace, which only a socket can tell.
Result<std::uint64_t> read_cookie() {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Error::from_errno(errno, "open socket");
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) != 0) {
    return Error::from_errno(errno, "read network namespace cookie");
  }
  return cookie;
}

Result<UniqueFd> open_own() {
  UniqueFd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) return Error::from_errno(errno, "open this thread's network namespace");
  return fd;
}

bool says_nothing_there(int error) {
  // ESRCH: the process of /proc/<pid>/ns/net is gone. ENXIO: the path is a socket.
  return error == ENOENT || error == ENOTDIR || error == ESRCH || error == ENXIO;
}

bool is_netns(int fd) {
  struct statfs filesystem {};
  return ::fstatfs(fd, &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC &&
         ::ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

}  // namespace

Result<InNetNs> InNetNs::enter(const NetNs& netns) {
  UniqueFd home = TRY(open_own());
  if (::setns(netns.fd(), CLONE_NEWNET) != 0) {
    return Error::from_errno(errno, "enter network namespace");
  }
  return InNetNs(std::move(home));
}

InNetNs::~InNetNs() {
  if (home_ && ::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

Result<NetNs> NetNs::current() {
  UniqueFd fd = TRY(open_own());
  const std::uint64_t cookie = TRY(read_cookie());
  return NetNs(std::move(fd), cookie);
}

Result<std::optional<NetNs>> NetNs::open(const std::string& path) {
  // O_NONBLOCK: a FIFO at the path must not hold us up.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && says_nothing_there(errno)) return std::optional<NetNs>();
  if (!fd) return Error::from_errno(errno, fmt::format("open network namespace '{}'", path));
  if (!is_netns(fd.get())) return std::optional<NetNs>();
  NetNs netns(std::move(fd), 0);
  netns.cookie_ = TRY(run_in(netns, read_cookie).context("network namespace '{}'", path));
  return std::optional<NetNs>(std::move(netns));
}

}  // namespace sluice
