#include "pkg/netlink/kernel_links.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <algorithm>
#include <cerrno>

#include "pkg/netlink/decode_link.h"
#include "pkg/netlink/decode_vf.h"

namespace sluice {
namespace {

// The kernel rejects longer names than IFNAMSIZ less its NUL, so no link has one (linux/if.h).
constexpr std::size_t kLongestName = IFNAMSIZ - 1;

ifinfomsg link_header(int index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  return header;
}

/// `filter` is IFLA_EXT_MASK. Statistics are never wanted; VF data only by vfs().
Message get_request(int index, std::uint32_t filter = RTEXT_FILTER_SKIP_STATS) {
  Message message(RTM_GETLINK, link_header(index));
  message.put(IFLA_EXT_MASK, filter);
  return message;
}

/// Absence is an answer, not a failure.
Result<std::optional<Link>> find_link(Socket& socket, Message& message, std::string_view attempt) {
  const auto answer = socket.get(message, attempt);
  if (!answer && answer.error().sys_errno() == ENODEV) return std::optional<Link>();
  if (!answer) return answer.error();
  return std::optional<Link>(TRY(decode_link(answer->payload).context("{}", attempt)));
}

void put_netns(Message& message, const NetNs* netns) {
  if (netns != nullptr) message.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns->fd()));
}

void put_mac(Message& message, const std::optional<MacAddress>& mac) {
  if (mac) message.put(IFLA_ADDRESS, mac->bytes());
}

void put_mtu(Message& message, std::optional<int> mtu) {
  if (mtu) message.put(IFLA_MTU, static_cast<std::uint32_t>(*mtu));
}

void put_kind(Message& message, const NewLink& link) {
  const auto info = message.nest(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, link.kind == LinkKind::macvlan ? "macvlan" : "veth");
  const auto data = message.nest(IFLA_INFO_DATA);
  if (link.kind == LinkKind::macvlan) {
    // Bridge mode: links of one port reach each other without the switch's help.
    message.put(IFLA_MACVLAN_MODE, static_cast<std::uint32_t>(MACVLAN_MODE_BRIDGE));
    return;
  }
  const auto peer = message.nest(VETH_INFO_PEER);
  message.append(ifinfomsg{}).put_text(IFLA_IFNAME, link.peer_name);
}

}  // namespace

Result<KernelLinks> KernelLinks::open(const NetNs* netns) {
  return KernelLinks(TRY(Socket::open(NETLINK_ROUTE, netns)));
}

Result<std::optional<Link>> KernelLinks::find(const std::string& name) {
  if (name.empty() || name.size() > kLongestName) return std::optional<Link>();
  Message message = get_request(0);
  message.put_text(IFLA_IFNAME, name);
  auto link = TRY(find_link(socket_, message, fmt::format("get link '{}'", name)));
  if (link && link->name != name) link.reset();  // The kernel looks through altnames too.
  return link;
}

Result<std::optional<Link>> KernelLinks::find(int index) {
  if (index <= 0) return std::optional<Link>();
  Message message = get_request(index);
  return find_link(socket_, message, fmt::format("get link {}", index));
}

Result<std::vector<Link>> KernelLinks::list() {
  Message message = get_request(0);
  const auto answers = TRY(socket_.dump(message, "list links"));
  std::vector<Link> links;
  links.reserve(answers.size());
  for (const Answer& answer : answers) {
    links.push_back(TRY(decode_link(answer.payload).context("list links")));
  }
  std::sort(links.begin(), links.end(),
            [](const Link& a, const Link& b) { return a.index < b.index; });
  return links;
}

Result<> KernelLinks::change(int index, const LinkChange& change) {
  ifinfomsg header = link_header(index);
  if (change.up) {
    header.ifi_change = IFF_UP;
    header.ifi_flags = *change.up ? IFF_UP : 0;
  }
  if (change.end_special_modes) header.ifi_change |= kSpecialModes;
  Message message(RTM_SETLINK, header);
  put_netns(message, change.netns);
  put_mac(message, change.mac);
  put_mtu(message, change.mtu);
  if (change.name) message.put_text(IFLA_IFNAME, *change.name);
  return socket_.request(message, fmt::format("set link {}", index));
}

Result<> KernelLinks::remove_altnames(int index, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  Message message(RTM_DELLINKPROP, link_header(index));
  {
    const auto list = message.nest(IFLA_PROP_LIST);
    for (const std::string& name : names) message.put_text(IFLA_ALT_IFNAME, name);
  }
  return socket_.request(message, fmt::format("remove alternative names of link {}", index));
}

Result<> KernelLinks::detach_xdp(int index, std::uint32_t modes) {
  for (const std::uint32_t mode : {XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE, XDP_FLAGS_HW_MODE}) {
    if ((modes & mode) == 0) continue;
    Message message(RTM_SETLINK, link_header(index));
    {
      const auto xdp = message.nest(IFLA_XDP);
      message.put(IFLA_XDP_FD, std::int32_t{-1}).put(IFLA_XDP_FLAGS, mode);
    }
    TRY(socket_.request(message, fmt::format("detach XDP program of link {}", index)));
  }
  return {};
}

Result<> KernelLinks::add(const NewLink& link) {
  Message message(RTM_NEWLINK, link_header(0), NLM_F_CREATE | NLM_F_EXCL);
  message.put_text(IFLA_IFNAME, link.name);
  put_netns(message, link.netns);
  put_mac(message, link.mac);
  put_mtu(message, link.mtu);
  if (link.lower_index != 0) message.put(IFLA_LINK, link.lower_index);
  put_kind(message, link);
  return socket_.request(message, fmt::format("add link '{}'", link.name));
}

Result<> KernelLinks::remove(int index) {
  Message message(RTM_DELLINK, link_header(index));
  return socket_.request(message, fmt::format("remove link {}", index));
}

Result<> KernelLinks::set_vf(int port_index, int vf, const VfSettings& settings) {
  const std::string attempt = fmt::format("set VF {} of link {}", vf, port_index);
  Message message(RTM_SETLINK, link_header(port_index));
  TRY(put_vf_settings(message, vf, settings).context("{}", attempt));
  return socket_.request(message, attempt);
}

Result<VfList> KernelLinks::vfs(int port_index) {
  const std::string attempt = fmt::format("get VFs of link {}", port_index);
  Message message = get_request(port_index, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
  const Answer answer = TRY(socket_.get(message, attempt));
  return decode_vfs(answer.payload).context("{}", attempt);
}

}  // namespace sluice
