#pragma once

#include <vector>

#include "pkg/netlink/addresses.h"

namespace sluice {

/// One lane of several in a namespace, and maybe in one subnet. The main table has one route to
/// the subnet that all lanes' traffic would take; with this, traffic leaves by the lane whose
/// address it has, and only that lane answers for the address.
struct SourceRouting {
  int link = 0;
  int table = 0;  ///< The lane's own in its namespace.
  std::vector<IpPrefix> addresses;
  std::vector<Route> routes;  ///< With gateways; those with a table of their own are not copied.
};

/// Before rules made without a priority, which count down from 32765 (net/core/fib_rules.c
/// fib_default_rule_pref); after the table of local addresses, at 0.
inline constexpr int kSourceRulePriority = 1000;

/// For several links in one subnet, by Documentation/networking/ip-sysctl.rst.
inline constexpr Ipv4Conf kSharedSubnetConf{
    .arp_ignore = 1,    ///< "reply only if the target IP address is local address configured on
                        ///< the incoming interface"
    .arp_announce = 2,  ///< "Always use the best local address for this target": the link's own
    .rp_filter = 2,     ///< "Loose mode": the sender may be reached by any interface
};

/// The routes of the lane's table: to the subnet of each address, then the lane's. Pure.
std::vector<Route> table_routes(const SourceRouting& lane);

/// The rule for one of its addresses. Pure.
SourceRule table_rule(const SourceRouting& lane, const IpPrefix& address);

/// Once the link is up and has its addresses. Whatever is there already stays, so it can be
/// repeated after a failure.
Result<> install_source_routing(Addresses& addresses, const SourceRouting& lane);

/// Removes the rules, if they are there. Routes and settings go with the link; rules would stay
/// until the namespace goes.
Result<> remove_source_rules(Addresses& addresses, const SourceRouting& lane);

/// Whether all that install_source_routing() makes is in force. The Error (internal) names the
/// first thing that is not: "route to 192.0.2.0/24 in table 1000 is missing".
Result<> verify_source_routing(Addresses& addresses, const SourceRouting& lane);

}  // namespace sluice
