#pragma once

#include <sys/socket.h>

#include <cstdlib>
#include <string>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/socket_address.h"

namespace sluice {

/// What a server that was killed leaves at `path`.
inline void leave_dead_socket(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = socket_address(path).value();
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    std::abort();
  }
}

}  // namespace sluice
