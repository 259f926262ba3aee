#pragma once

#include <optional>

#include "pkg/base/result.h"
#include "pkg/ledger/lane_addresses.h"
#include "pkg/netlink/addresses.h"
#include "pkg/netlink/source_routing.h"

namespace sluice {

/// The lane's own table and rules; nullopt where it is to have none. The table's number is made of
/// the link's index, so that lanes of one pod never share one. Pure.
std::optional<SourceRouting> source_routing_of(const LaneAddresses& addresses, int link);

/// Gives the lane's link, which is in its pod and up, its addresses, routes and rules. What is
/// there already stays, so it can be repeated. `pod`: the pod's namespace.
Result<> give_addresses(Addresses& pod, int link, const LaneAddresses& addresses);

/// The same on a link that took an older one's place: rules that lead to the table of that one go.
Result<> give_addresses_again(Addresses& pod, int link, const LaneAddresses& addresses);

}  // namespace sluice
