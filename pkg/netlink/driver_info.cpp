#include "pkg/netlink/driver_info.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "pkg/base/unique_fd.h"

namespace sluice {
namespace {

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
  return std::string(field, std::find(field, field + N, '\0'));
}

}  // namespace

Result<DriverInfo> read_driver_info(const std::string& link) {
  const std::string attempt = fmt::format("ask driver of link '{}'", link);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Error::from_errno(errno, attempt);
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  if (link.size() >= sizeof(request.ifr_name)) return Error::from_errno(ENODEV, attempt);
  std::copy(link.begin(), link.end(), std::begin(request.ifr_name));
  request.ifr_data = static_cast<char*>(static_cast<void*>(&info));
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return Error::from_errno(errno, attempt);
  return DriverInfo{.driver = text_of(info.driver),
                    .version = text_of(info.version),
                    .firmware = text_of(info.fw_version)};
}

}  // namespace sluice
