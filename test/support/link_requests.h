#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A request about a link, as a process sent it to the kernel.
struct LinkRequest {
  std::uint16_t type = 0;      ///< RTM_GETLINK, RTM_SETLINK, RTM_NEWLINK … (linux/rtnetlink.h)
  bool moves = false;          ///< It carries IFLA_NET_NS_FD, IFLA_NET_NS_PID or …_NSID.
  std::uint32_t ext_mask = 0;  ///< IFLA_EXT_MASK
  std::string name;            ///< IFLA_IFNAME
};

/// Decodes what `strace -e trace=sendto,sendmsg -e write=all` wrote: the bytes, since strace names
/// the attributes of sockets in its own network namespace only. Requests in the order sent.
std::vector<LinkRequest> decode_link_requests(std::string_view trace);

/// "SETLINK move net1": one line a request, the mask in hexadecimal as "mask=8".
std::string to_string(const LinkRequest& request);

}  // namespace sluice
