#include "pkg/fs/socket_address.h"

#include <sys/socket.h>

#include <cstring>

namespace sluice {

Result<sockaddr_un> socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error(Code::invalid_argument, fmt::format("path has {} bytes, {} are allowed",
                                                     path.size(), sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace sluice
