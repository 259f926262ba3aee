#include "pkg/netlink/decode_addresses.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>

namespace sluice {
namespace {

constexpr std::array<std::uint8_t, 16> kAny{};  // A default route has no RTA_DST.

std::optional<IpAddress> read_ip(const Attribute& attribute, int family) {
  const std::size_t size = family == AF_INET6 ? 16 : 4;
  if (attribute.payload.size() != size) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), attribute.payload.data(), size);
  return IpAddress::from_bytes(bytes.data(), size);
}

bool is_ip(int family) {
  return family == AF_INET || family == AF_INET6;
}

int read_int(const Attribute& attribute) {
  return static_cast<int>(attribute.as<std::uint32_t>().value_or(0));
}

void read_metrics(const Attribute& metrics, Route& route) {
  for (const Attribute& metric : Attributes(metrics.payload)) {
    if (metric.type == RTAX_MTU) route.mtu = read_int(metric);
    if (metric.type == RTAX_ADVMSS) route.advmss = read_int(metric);
  }
}

/// Route in the making: what the attributes said beside the Route itself.
struct Parts {
  RouteOfLink found;
  int table = 0;
  bool expressible = true;
};

void read_attribute(const Attribute& attribute, int family, Parts& parts) {
  Route& route = parts.found.route;
  switch (attribute.type) {
    case RTA_DST: {
      const auto address = read_ip(attribute, family);
      parts.expressible &= address.has_value();
      route.destination.address = address.value_or(IpAddress());
      break;
    }
    case RTA_GATEWAY:
      route.gateway = read_ip(attribute, family);
      parts.expressible &= route.gateway.has_value();
      break;
    case RTA_OIF: parts.found.link = read_int(attribute); break;
    case RTA_PRIORITY: route.priority = read_int(attribute); break;
    case RTA_TABLE: parts.table = read_int(attribute); break;
    case RTA_METRICS: read_metrics(attribute, route); break;
    case RTA_MULTIPATH:
    case RTA_VIA: parts.expressible = false; break;
    default: break;
  }
}

}  // namespace

std::optional<AddressOfLink> decode_address(Bytes payload) {
  const auto head = read_as<ifaddrmsg>(payload);
  if (!head || !is_ip(head->ifa_family)) return std::nullopt;
  const Attributes attributes = attributes_after<ifaddrmsg>(payload);
  // On a point-to-point IPv4 link IFA_ADDRESS is the other end; IPv6 has no IFA_LOCAL otherwise.
  auto attribute = attributes.find(IFA_LOCAL);
  if (!attribute) attribute = attributes.find(IFA_ADDRESS);
  if (!attribute) return std::nullopt;
  const auto address = read_ip(*attribute, head->ifa_family);
  if (!address) return std::nullopt;
  return AddressOfLink{.link = static_cast<int>(head->ifa_index),
                       .address = {.address = *address, .length = head->ifa_prefixlen}};
}

std::optional<RouteOfLink> decode_route(Bytes payload) {
  const auto head = read_as<rtmsg>(payload);
  if (!head || !is_ip(head->rtm_family) || head->rtm_type != RTN_UNICAST ||
      (head->rtm_flags & RTM_F_CLONED) != 0) {
    return std::nullopt;
  }
  Parts parts{.table = head->rtm_table};
  parts.found.route.destination = {
      .address = IpAddress::from_bytes(kAny.data(), head->rtm_family == AF_INET6 ? 16 : 4),
      .length = head->rtm_dst_len};
  for (const Attribute& attribute : attributes_after<rtmsg>(payload)) {
    read_attribute(attribute, head->rtm_family, parts);
  }
  if (!parts.expressible || parts.found.link == 0) return std::nullopt;
  if (parts.table != RT_TABLE_MAIN) parts.found.route.table = parts.table;
  const int usual = parts.found.route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  if (head->rtm_family == AF_INET && head->rtm_scope != usual) {
    parts.found.route.scope = head->rtm_scope;
  }
  return parts.found;
}

std::optional<SourceRule> decode_rule(Bytes payload) {
  const auto head = read_as<fib_rule_hdr>(payload);
  if (!head || !is_ip(head->family) || head->action != FR_ACT_TO_TBL || head->tos != 0 ||
      (head->flags & FIB_RULE_INVERT) != 0) {
    return std::nullopt;
  }
  SourceRule rule{.table = head->table};
  std::optional<IpAddress> from;
  for (const Attribute& attribute : attributes_after<fib_rule_hdr>(payload)) {
    switch (attribute.type) {
      case FRA_SRC: from = read_ip(attribute, head->family); break;
      case FRA_TABLE: rule.table = read_int(attribute); break;
      case FRA_PRIORITY: rule.priority = read_int(attribute); break;
      case FRA_PROTOCOL: break;
      case FRA_SUPPRESS_PREFIXLEN:  // Of every rule; -1: no suppression.
        if (read_int(attribute) == -1) break;
        return std::nullopt;
      default: return std::nullopt;  // Another selector: the kernel sends those in use.
    }
  }
  if (!from || head->src_len != from->size() * 8) return std::nullopt;
  rule.from = *from;
  return rule;
}

std::optional<Ipv4Conf> decode_ipv4_conf(Bytes payload) {
  auto found = attributes_after<ifinfomsg>(payload).find(IFLA_AF_SPEC);
  for (const int inside : {AF_INET, static_cast<int>(IFLA_INET_CONF)}) {
    if (found) found = Attributes(found->payload).find(inside);
  }
  if (!found) return std::nullopt;
  // Numbers from 1 on; later kernels append more (net/ipv4/devinet.c inet_fill_link_af).
  static_assert(IPV4_DEVCONF_ARP_IGNORE > IPV4_DEVCONF_ARP_ANNOUNCE &&
                IPV4_DEVCONF_ARP_IGNORE > IPV4_DEVCONF_RP_FILTER);
  const auto values = found->as<std::array<int, IPV4_DEVCONF_ARP_IGNORE>>();
  if (!values) return std::nullopt;
  return Ipv4Conf{.arp_ignore = (*values)[IPV4_DEVCONF_ARP_IGNORE - 1],
                  .arp_announce = (*values)[IPV4_DEVCONF_ARP_ANNOUNCE - 1],
                  .rp_filter = (*values)[IPV4_DEVCONF_RP_FILTER - 1]};
}

}  // namespace sluice
