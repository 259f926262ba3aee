#include "pkg/netlink/decode_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>

#include "test/support/netlink_bytes.h"

namespace sluice {
namespace {

IpPrefix prefix(const char* text) {
  return IpPrefix::parse(text).value();
}

void put_ip(Message& message, int type, const char* text) {
  const IpAddress address = IpAddress::parse(text).value();
  message.put_bytes(type, std::as_bytes(std::span(address.data(), address.size())));
}

Message address_message(std::uint8_t family) {
  ifaddrmsg head{};
  head.ifa_family = family;
  head.ifa_prefixlen = 24;
  head.ifa_index = 7;
  return {RTM_NEWADDR, head};
}

Message route_message(std::uint8_t family, std::uint8_t length,
                      std::uint8_t scope = RT_SCOPE_UNIVERSE) {
  rtmsg head{};
  head.rtm_family = family;
  head.rtm_dst_len = length;
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_scope = scope;
  head.rtm_type = RTN_UNICAST;
  Message message(RTM_NEWROUTE, head);
  message.put(RTA_OIF, std::uint32_t{7});
  return message;
}

Message full_route() {
  Message message = route_message(AF_INET, 24);
  put_ip(message, RTA_DST, "198.51.100.0");
  put_ip(message, RTA_GATEWAY, "192.0.2.254");
  message.put(RTA_PRIORITY, std::uint32_t{5});
  {
    const auto metrics = message.nest(RTA_METRICS);
    message.put(RTAX_MTU, std::uint32_t{1400});
    message.put(RTAX_ADVMSS, std::uint32_t{1300});
  }
  return message;
}

/// As the kernel sends one: "from 192.0.2.1 lookup 1000" at priority 500.
Message full_rule(fib_rule_hdr head = {.family = AF_INET, .src_len = 32, .action = FR_ACT_TO_TBL}) {
  head.table = 252;  // RT_TABLE_COMPAT: see the attribute.
  Message message(RTM_NEWRULE, head);
  message.put(FRA_TABLE, std::uint32_t{1000});
  message.put(FRA_SUPPRESS_PREFIXLEN, std::int32_t{-1});
  message.put(FRA_PROTOCOL, std::uint8_t{RTPROT_STATIC});
  message.put(FRA_PRIORITY, std::uint32_t{500});
  put_ip(message, FRA_SRC, "192.0.2.1");
  return message;
}

Message link_with_ipv4_conf() {
  std::array<std::int32_t, IPV4_DEVCONF_MAX> values{};
  values[IPV4_DEVCONF_RP_FILTER - 1] = 2;
  values[IPV4_DEVCONF_ARP_ANNOUNCE - 1] = 3;
  values[IPV4_DEVCONF_ARP_IGNORE - 1] = 4;
  Message message(RTM_NEWLINK, ifinfomsg{});
  {
    const auto families = message.nest(IFLA_AF_SPEC);
    { const auto ipv6 = message.nest(AF_INET6); }
    const auto ipv4 = message.nest(AF_INET);
    message.put(IFLA_INET_CONF, values);
  }
  return message;
}

TEST(DecodeAddress, TakesTheLocalEndOfAPointToPointLink) {
  Message message = address_message(AF_INET);
  put_ip(message, IFA_ADDRESS, "192.0.2.2");
  put_ip(message, IFA_LOCAL, "192.0.2.1");
  EXPECT_EQ(decode_address(payload_of(message)),
            (AddressOfLink{.link = 7, .address = prefix("192.0.2.1/24")}));
}

TEST(DecodeAddress, FallsBackToTheAddressWithoutALocalEnd) {
  Message message = address_message(AF_INET6);
  put_ip(message, IFA_ADDRESS, "2001:db8::1");
  EXPECT_EQ(decode_address(payload_of(message)),
            (AddressOfLink{.link = 7, .address = prefix("2001:db8::1/24")}));
}

TEST(DecodeAddress, OtherFamiliesAndWrongLengthsAreNothing) {
  Message mpls = address_message(AF_MPLS);
  put_ip(mpls, IFA_LOCAL, "192.0.2.1");
  EXPECT_EQ(decode_address(payload_of(mpls)), std::nullopt);
  Message mixed = address_message(AF_INET6);
  put_ip(mixed, IFA_LOCAL, "192.0.2.1");
  EXPECT_EQ(decode_address(payload_of(mixed)), std::nullopt);
}

TEST(DecodeAddress, CutShortAnywhereIsNothing) {
  Message message = address_message(AF_INET6);
  put_ip(message, IFA_ADDRESS, "2001:db8::1");
  for_each_truncation(message, [](Bytes bytes) { EXPECT_EQ(decode_address(bytes), std::nullopt); });
}

TEST(DecodeRoute, ReadsEveryField) {
  const RouteOfLink expected{.link = 7,
                             .route = {.destination = prefix("198.51.100.0/24"),
                                       .gateway = prefix("192.0.2.254/32").address,
                                       .mtu = 1400,
                                       .advmss = 1300,
                                       .priority = 5}};
  Message message = full_route();
  EXPECT_EQ(decode_route(payload_of(message)), expected);
}

TEST(DecodeRoute, DefaultRouteHasNoDestinationAttribute) {
  Message v4 = route_message(AF_INET, 0, RT_SCOPE_LINK);
  EXPECT_EQ(decode_route(payload_of(v4))->route, Route{.destination = prefix("0.0.0.0/0")});
  Message v6 = route_message(AF_INET6, 0);
  EXPECT_EQ(decode_route(payload_of(v6))->route, Route{.destination = prefix("::/0")});
}

TEST(DecodeRoute, UsualScopeIsNotMentioned) {
  Message link = route_message(AF_INET, 0, RT_SCOPE_LINK);
  EXPECT_EQ(decode_route(payload_of(link))->route.scope, std::nullopt);
  Message site = route_message(AF_INET, 0, RT_SCOPE_SITE);
  EXPECT_EQ(decode_route(payload_of(site))->route.scope, RT_SCOPE_SITE);
}

TEST(DecodeRoute, WhatARouteCannotSayIsNothing) {
  Message several = route_message(AF_INET, 0);
  several.put(RTA_MULTIPATH, rtnexthop{});
  Message via = route_message(AF_INET, 0);
  via.put(RTA_VIA, rtvia{});
  Message short_gateway = route_message(AF_INET6, 0);
  put_ip(short_gateway, RTA_GATEWAY, "192.0.2.254");
  Message mpls = route_message(AF_MPLS, 0);
  for (Message* message : {&several, &via, &short_gateway, &mpls}) {
    EXPECT_EQ(decode_route(payload_of(*message)), std::nullopt);
  }
}

TEST(DecodeRoute, TableIsToldUnlessItIsMain) {
  Message low = route_message(AF_INET, 0, RT_SCOPE_LINK);
  EXPECT_EQ(decode_route(payload_of(low))->route.table, std::nullopt);
  low.put(RTA_TABLE, std::uint32_t{1000});
  EXPECT_EQ(decode_route(payload_of(low))->route.table, 1000);
}

TEST(DecodeRoute, OtherTypesAreNothing) {
  for (const std::uint8_t type : {RTN_LOCAL, RTN_BROADCAST, RTN_BLACKHOLE}) {
    rtmsg head{};
    head.rtm_family = AF_INET;
    head.rtm_table = RT_TABLE_MAIN;
    head.rtm_type = type;
    Message message(RTM_NEWROUTE, head);
    message.put(RTA_OIF, std::uint32_t{7});
    EXPECT_EQ(decode_route(payload_of(message)), std::nullopt);
  }
}

TEST(DecodeRoute, CutShortAnywhereInventsNothing) {
  Message message = full_route();
  for_each_truncation(message, [](Bytes bytes) {
    const auto found = decode_route(bytes);
    if (!found) return;
    EXPECT_EQ(found->link, 7);
    EXPECT_EQ(found->route.destination.length, 24);
    EXPECT_THAT(found->route.priority, testing::AnyOf(0, 5));
    EXPECT_THAT(found->route.mtu, testing::AnyOf(0, 1400));
    EXPECT_EQ(found->route.advmss, 0);  // The last byte of the message is its own.
  });
}

TEST(DecodeRule, ReadsEveryField) {
  Message message = full_rule();
  EXPECT_EQ(decode_rule(payload_of(message)),
            (SourceRule{.from = prefix("192.0.2.1/32").address, .table = 1000, .priority = 500}));
}

TEST(DecodeRule, WhatASourceRuleCannotSayIsNothing) {
  const fib_rule_hdr usual{.family = AF_INET, .src_len = 32, .action = FR_ACT_TO_TBL};
  fib_rule_hdr family = usual;
  family.family = AF_MPLS;
  fib_rule_hdr subnet = usual;
  subnet.src_len = 24;
  fib_rule_hdr tos = usual;
  tos.tos = 4;
  fib_rule_hdr action = usual;
  action.action = FR_ACT_PROHIBIT;
  fib_rule_hdr inverted = usual;
  inverted.flags = FIB_RULE_INVERT;
  for (const fib_rule_hdr& head : {family, subnet, tos, action, inverted}) {
    Message message = full_rule(head);
    EXPECT_EQ(decode_rule(payload_of(message)), std::nullopt);
  }
}

TEST(DecodeRule, FurtherSelectorsAreNothing) {
  Message marked = full_rule();
  marked.put(FRA_FWMARK, std::uint32_t{1});
  Message suppressed = full_rule();
  suppressed.put(FRA_SUPPRESS_PREFIXLEN, std::int32_t{0});
  Message later = full_rule();
  later.put(FRA_MAX + 1, std::uint32_t{0});
  for (Message* message : {&marked, &suppressed, &later}) {
    EXPECT_EQ(decode_rule(payload_of(*message)), std::nullopt);
  }
}

TEST(DecodeRule, CutShortAnywhereIsNothing) {
  Message message = full_rule();  // The source, without which it is none, comes last.
  for_each_truncation(message, [](Bytes bytes) { EXPECT_EQ(decode_rule(bytes), std::nullopt); });
}

TEST(DecodeIpv4Conf, ReadsTheThree) {
  Message message = link_with_ipv4_conf();
  EXPECT_EQ(decode_ipv4_conf(payload_of(message)),
            (Ipv4Conf{.arp_ignore = 4, .arp_announce = 3, .rp_filter = 2}));
  Message silent(RTM_NEWLINK, ifinfomsg{});
  EXPECT_EQ(decode_ipv4_conf(payload_of(silent)), std::nullopt);
}

TEST(DecodeIpv4Conf, CutShortAnywhereIsNothing) {
  Message message = link_with_ipv4_conf();
  for_each_truncation(message,
                      [](Bytes bytes) { EXPECT_EQ(decode_ipv4_conf(bytes), std::nullopt); });
}

}  // namespace
}  // namespace sluice
