#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// A TCP socket that listens on a numeric IPv4 or IPv6 address ("::" takes both families); `port` 0
/// lets the kernel choose. invalid_argument when `address` is not numeric.
Result<UniqueFd> listen_on(const std::string& address, std::uint16_t port);

/// Whether only programs on this host (or in its network namespace) reach that numeric address.
bool is_loopback(const std::string& address);

/// The port that a listening socket got.
Result<std::uint16_t> port_of(const UniqueFd& socket);

}  // namespace sluice
