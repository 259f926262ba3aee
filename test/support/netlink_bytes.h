#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <vector>

#include "pkg/netlink/message.h"

namespace sluice {

/// What follows the nlmsghdr, as a decoder is given it.
inline std::vector<std::byte> payload_of(Message& message) {
  const Bytes payload = message.bytes().subspan(NLMSG_HDRLEN);
  return {payload.begin(), payload.end()};
}

/// Calls `check` with the first n bytes of the message's payload, for every n that is not all. Each
/// time in an allocation of just that size, so that AddressSanitizer sees any read past the end.
template <typename Check>
void for_each_truncation(Message& message, Check check) {
  const std::vector<std::byte> whole = payload_of(message);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(size));
    check(Bytes(cut));
  }
}

}  // namespace sluice
