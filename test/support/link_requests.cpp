#include "test/support/link_requests.h"

#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <sstream>

namespace sluice {
namespace {

constexpr std::size_t kBytesAt = 10;  // " | 00000  34 00 …"
constexpr std::size_t kBytesWidth = 3 * 16 + 1;

/// The bytes of each send, from the lines of its dump. `readv` and the like have dumps of their
/// own, but are not traced.
std::vector<std::string> sends_of(std::string_view trace) {
  std::vector<std::string> sends;
  std::istringstream lines{std::string(trace)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(" | ") || line.size() < kBytesAt) continue;
    if (line.substr(3, 5) == "00000") sends.emplace_back();
    std::istringstream bytes(line.substr(kBytesAt, kBytesWidth));
    unsigned byte = 0;
    while (!sends.empty() && bytes >> std::hex >> byte) sends.back() += static_cast<char>(byte);
  }
  return sends;
}

/// A T at `at`, zero where there are not enough bytes.
template <typename T>
T read_at(std::string_view bytes, std::size_t at) {
  T value{};
  if (at + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

void take_attribute(LinkRequest& request, std::uint16_t type, std::string_view payload) {
  switch (type & NLA_TYPE_MASK) {
    case IFLA_NET_NS_FD:
    case IFLA_NET_NS_PID:
    case IFLA_TARGET_NETNSID: request.moves = true; break;
    case IFLA_EXT_MASK: request.ext_mask = read_at<std::uint32_t>(payload, 0); break;
    case IFLA_IFNAME: request.name = std::string(payload.substr(0, payload.find('\0'))); break;
    default: break;
  }
}

LinkRequest decode(std::string_view message) {
  LinkRequest request{.type = read_at<nlmsghdr>(message, 0).nlmsg_type};
  std::size_t at = NLMSG_HDRLEN + sizeof(ifinfomsg);
  while (at + NLA_HDRLEN <= message.size()) {
    const auto header = read_at<nlattr>(message, at);
    if (header.nla_len < NLA_HDRLEN) break;
    take_attribute(request, header.nla_type,
                   message.substr(at + NLA_HDRLEN, header.nla_len - std::size_t{NLA_HDRLEN}));
    at += NLA_ALIGN(header.nla_len);
  }
  return request;
}

bool is_about_links(std::uint16_t type) {
  return type >= RTM_NEWLINK && type <= RTM_SETLINK;
}

}  // namespace

std::vector<LinkRequest> decode_link_requests(std::string_view trace) {
  std::vector<LinkRequest> requests;
  for (const std::string& sent : sends_of(trace)) {
    std::string_view rest = sent;
    while (rest.size() >= NLMSG_HDRLEN) {
      const auto header = read_at<nlmsghdr>(rest, 0);
      if (header.nlmsg_len < NLMSG_HDRLEN) break;
      if (is_about_links(header.nlmsg_type)) {
        requests.push_back(decode(rest.substr(0, header.nlmsg_len)));
      }
      rest.remove_prefix(std::min<std::size_t>(rest.size(), NLMSG_ALIGN(header.nlmsg_len)));
    }
  }
  return requests;
}

std::string to_string(const LinkRequest& request) {
  constexpr const char* kNames[] = {"NEWLINK", "DELLINK", "GETLINK", "SETLINK"};
  return fmt::format("{}{} mask={:x} {}", kNames[request.type - RTM_NEWLINK],
                     request.moves ? " move" : "", request.ext_mask, request.name);
}

}  // namespace sluice
