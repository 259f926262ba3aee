#pragma once

#include <string_view>
#include <vector>

#include "cni/protocol/error.h"
#include "cni/protocol/result.h"
#include "pkg/ledger/lane_addresses.h"
#include "pkg/netlink/addresses.h"

namespace sluice::cni {

/// What a link gets of `result`. A route without gateway goes through the gateway of the first
/// address of its family, where that has one.
LaneAddresses lane_addresses_of(const AddResult& result);

/// The routes of `result`, with those gateways.
std::vector<Route> routes_of(const AddResult& result);

/// What a result says of the interface `name` in `sandbox`.
struct Expected {
  const AddResult& result;
  std::string_view name;
  std::string_view sandbox;
};

/// mismatch naming the first address that `expected` gives to its interface and the link does not
/// have, or the first route that is not among `routes`. Where other interfaces share the sandbox,
/// only routes through a gateway of ours count as ours; of links in one subnet they may be
/// another's.
Outcome<> verify(Addresses& addresses, int link, const std::vector<Route>& routes,
                 const Expected& expected);

/// The index in `interfaces` of the interface `name` in `sandbox`; nullopt when it is not there.
std::optional<int> find_interface(const AddResult& result, std::string_view name,
                                  std::string_view sandbox);

}  // namespace sluice::cni
