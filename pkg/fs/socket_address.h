#pragma once

#include <sys/un.h>

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// The address of the socket at `path`; invalid_argument when it is longer than unix(7) allows.
Result<sockaddr_un> socket_address(const std::string& path);

}  // namespace sluice
