#include "pkg/netlink/kernel_addresses.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>

#include "pkg/base/strings.h"
#include "pkg/netlink/decode_addresses.h"

namespace sluice {
namespace {

static_assert(kMainTable == RT_TABLE_MAIN);

std::uint8_t family_of(const IpAddress& address) {
  return address.is_v6() ? AF_INET6 : AF_INET;
}

Bytes bytes_of(const IpAddress& address) {
  return std::as_bytes(std::span(address.data(), address.size()));
}

void put_number(Message& message, int type, int value) {
  message.put(type, static_cast<std::uint32_t>(value));
}

void put_metrics(Message& message, const Route& route) {
  if (route.mtu == 0 && route.advmss == 0) return;
  const auto metrics = message.nest(RTA_METRICS);
  if (route.mtu != 0) put_number(message, RTAX_MTU, route.mtu);
  if (route.advmss != 0) put_number(message, RTAX_ADVMSS, route.advmss);
}

Message route_message(int link, const Route& route) {
  const IpPrefix destination = route.destination.network();
  const int table = route.table.value_or(RT_TABLE_MAIN);
  rtmsg head{};
  head.rtm_family = family_of(destination.address);
  head.rtm_dst_len = static_cast<std::uint8_t>(destination.length);
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = static_cast<std::uint8_t>(
      route.scope.value_or(route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK));
  head.rtm_type = RTN_UNICAST;
  // Without NLM_F_EXCL the same destination may be reached through other links, too, as the
  // reference plugins have it; the same route twice is EEXIST all the same (net/ipv4/fib_trie.c
  // fib_table_insert, net/ipv6/ip6_fib.c fib6_add_rt2node).
  Message message(RTM_NEWROUTE, head, NLM_F_CREATE);
  put_number(message, RTA_TABLE, table);  // rtm_table has room for the first 255 only.
  message.put_bytes(RTA_DST, bytes_of(destination.address));
  put_number(message, RTA_OIF, link);
  if (route.gateway) message.put_bytes(RTA_GATEWAY, bytes_of(*route.gateway));
  if (route.priority != 0) put_number(message, RTA_PRIORITY, route.priority);
  put_metrics(message, route);
  return message;
}

/// `type`: RTM_NEWRULE or RTM_DELRULE.
Result<> request_rule(Socket& socket, int type, const SourceRule& rule) {
  const bool adds = type == RTM_NEWRULE;
  fib_rule_hdr head{};
  head.family = family_of(rule.from);
  head.src_len = static_cast<std::uint8_t>(rule.from.size() * 8);
  head.action = FR_ACT_TO_TBL;
  // Without NLM_F_EXCL the kernel would add the same rule a second time (net/core/fib_rules.c
  // fib_nl_newrule).
  Message message(type, head, adds ? NLM_F_CREATE | NLM_F_EXCL : 0);
  message.put_bytes(FRA_SRC, bytes_of(rule.from));
  put_number(message, FRA_TABLE, rule.table);
  put_number(message, FRA_PRIORITY, rule.priority);
  return socket.request(message,
                        fmt::format("{} rule {}", adds ? "add" : "remove", rule.to_string()));
}

Message link_message(int type, int link) {
  ifinfomsg head{};
  head.ifi_index = link;
  return {type, head};
}

/// Hexadecimal pairs joined by ':', 6 for Ethernet and 20 for InfiniBand.
Result<std::vector<std::uint8_t>> parse_link_address(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (const std::string_view part : split(text, ':')) {
    std::uint8_t byte = 0;
    const char* const end = part.data() + part.size();
    const auto [stop, status] = std::from_chars(part.data(), end, byte, 16);
    if (part.size() != 2 || status != std::errc() || stop != end) break;
    bytes.push_back(byte);
  }
  const bool whole = bytes.size() * 3 == text.size() + 1;
  if (!whole || (bytes.size() != 6 && bytes.size() != 20)) {
    return Error(
        Code::invalid_argument,
        fmt::format("want a link-layer address like 02:00:5e:10:00:01, got {}", in_quotes(text)));
  }
  return bytes;
}

}  // namespace

Result<KernelAddresses> KernelAddresses::open(const NetNs* netns) {
  return KernelAddresses(TRY(Socket::open(NETLINK_ROUTE, netns)));
}

Result<> KernelAddresses::add_address(int link, const IpPrefix& address) {
  ifaddrmsg head{};
  head.ifa_family = family_of(address.address);
  head.ifa_prefixlen = static_cast<std::uint8_t>(address.length);
  head.ifa_flags = address.address.is_v6() ? IFA_F_NODAD : 0;
  head.ifa_scope = RT_SCOPE_UNIVERSE;
  head.ifa_index = static_cast<std::uint32_t>(link);
  Message message(RTM_NEWADDR, head, NLM_F_CREATE | NLM_F_EXCL);
  message.put_bytes(IFA_LOCAL, bytes_of(address.address));
  message.put_bytes(IFA_ADDRESS, bytes_of(address.address));
  return socket_.request(message,
                         fmt::format("add address {} to link {}", address.to_string(), link));
}

Result<std::vector<IpPrefix>> KernelAddresses::addresses(int link) {
  Message message(RTM_GETADDR, ifaddrmsg{});
  std::vector<IpPrefix> of_link;
  for (const Answer& answer : TRY(socket_.dump(message, "list addresses"))) {
    const auto found = decode_address(answer.payload);
    if (found && found->link == link) of_link.push_back(found->address);
  }
  return of_link;
}

Result<> KernelAddresses::add_route(int link, const Route& route) {
  const std::string attempt =
      fmt::format("add route to {} through link {}", route.destination.network().to_string(), link);
  if (route.gateway && route.gateway->is_v6() != route.destination.address.is_v6()) {
    return Error(Code::invalid_argument, fmt::format("{}: gateway {} is of the other family",
                                                     attempt, route.gateway->to_string()));
  }
  Message message = route_message(link, route);
  return socket_.request(message, attempt);
}

Result<std::vector<Route>> KernelAddresses::routes_in(int table, int link) {
  Message message(RTM_GETROUTE, rtmsg{});
  std::vector<Route> of_link;
  for (const Answer& answer : TRY(socket_.dump(message, "list routes"))) {
    const auto found = decode_route(answer.payload);
    if (found && found->link == link && found->route.table.value_or(kMainTable) == table) {
      of_link.push_back(found->route);
    }
  }
  return of_link;
}

Result<> KernelAddresses::add_rule(const SourceRule& rule) {
  return request_rule(socket_, RTM_NEWRULE, rule);
}

Result<std::vector<SourceRule>> KernelAddresses::rules() {
  Message message(RTM_GETRULE, fib_rule_hdr{});
  std::vector<SourceRule> rules;
  for (const Answer& answer : TRY(socket_.dump(message, "list rules"))) {
    if (const auto rule = decode_rule(answer.payload)) rules.push_back(*rule);
  }
  return rules;
}

Result<> KernelAddresses::remove_rule(const SourceRule& rule) {
  return request_rule(socket_, RTM_DELRULE, rule);
}

// What /proc/sys/net/ipv4/conf does too, but with the socket of the namespace, and by index.
Result<> KernelAddresses::set_ipv4_conf(int link, const Ipv4Conf& conf) {
  Message message = link_message(RTM_SETLINK, link);
  {
    const auto families = message.nest(IFLA_AF_SPEC);
    const auto ipv4 = message.nest(AF_INET);
    const auto values = message.nest(IFLA_INET_CONF);
    put_number(message, IPV4_DEVCONF_ARP_IGNORE, conf.arp_ignore);
    put_number(message, IPV4_DEVCONF_ARP_ANNOUNCE, conf.arp_announce);
    put_number(message, IPV4_DEVCONF_RP_FILTER, conf.rp_filter);
  }
  return socket_.request(message, fmt::format("set IPv4 configuration of link {}", link));
}

Result<std::optional<Ipv4Conf>> KernelAddresses::ipv4_conf(int link) {
  Message message = link_message(RTM_GETLINK, link);
  put_number(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  const auto answer = socket_.get(message, fmt::format("get IPv4 configuration of link {}", link));
  if (!answer && answer.error().sys_errno() == ENODEV) return std::optional<Ipv4Conf>();
  if (!answer) return answer.error();
  return decode_ipv4_conf(answer->payload);
}

Result<> KernelAddresses::set_neighbour(int link, const IpAddress& address,
                                        const std::string& mac) {
  const std::string attempt = fmt::format("set neighbour {} on link {}", address.to_string(), link);
  const std::vector<std::uint8_t> bytes = TRY(parse_link_address(mac).context("{}", attempt));
  ndmsg head{};
  head.ndm_family = family_of(address);
  head.ndm_ifindex = link;
  head.ndm_state = NUD_PERMANENT;
  Message message(RTM_NEWNEIGH, head, NLM_F_CREATE | NLM_F_REPLACE);
  message.put_bytes(NDA_DST, bytes_of(address));
  message.put_bytes(NDA_LLADDR, std::as_bytes(std::span(bytes)));
  return socket_.request(message, attempt);
}

}  // namespace sluice
