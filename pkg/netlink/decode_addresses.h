#pragma once

#include <optional>

#include "pkg/netlink/addresses.h"
#include "pkg/netlink/message.h"

namespace sluice {

/// An address and the index of the link that has it.
struct AddressOfLink {
  int link = 0;
  IpPrefix address;

  friend bool operator==(const AddressOfLink&, const AddressOfLink&) = default;
};

/// A route and the index of the link it leaves through.
struct RouteOfLink {
  int link = 0;
  Route route;

  friend bool operator==(const RouteOfLink&, const RouteOfLink&) = default;
};

/// Reads what follows the header of an RTM_NEWADDR; nullopt for other families and for what is cut
/// short. Pure.
std::optional<AddressOfLink> decode_address(Bytes payload);

/// Reads what follows the header of an RTM_NEWROUTE; nullopt for whatever Route cannot say: other
/// families and types, several next hops, a gateway of another family; and for what is cut short.
/// Pure.
std::optional<RouteOfLink> decode_route(Bytes payload);

/// Reads what follows the header of an RTM_NEWRULE; nullopt for whatever SourceRule cannot say:
/// other families and actions, any selector beside a whole source address; and for what is cut
/// short. Pure.
std::optional<SourceRule> decode_rule(Bytes payload);

/// Reads what follows the header of an RTM_NEWLINK; nullopt where it says nothing of IPv4, and for
/// what is cut short. Pure.
std::optional<Ipv4Conf> decode_ipv4_conf(Bytes payload);

}  // namespace sluice
