#include "pkg/netlink/source_routing.h"

namespace sluice {
namespace {

/// `done` unless it failed with `harmless`.
Result<> unless(Code harmless, Result<> done) {
  if (!done && done.error().code() == harmless) return {};
  return done;
}

// By what add_route was told alone: the kernel chooses a metric where it was told none.
bool has_route(const std::vector<Route>& routes, const Route& wanted) {
  for (const Route& route : routes) {
    if (route.destination == wanted.destination.network() && route.gateway == wanted.gateway) {
      return true;
    }
  }
  return false;
}

bool has_rule(const std::vector<SourceRule>& rules, const SourceRule& wanted) {
  for (const SourceRule& rule : rules) {
    if (rule == wanted) return true;
  }
  return false;
}

Error missing(const std::string& what) {
  return {Code::internal, what + " is missing"};
}

}  // namespace

std::vector<Route> table_routes(const SourceRouting& lane) {
  std::vector<Route> routes;
  for (const IpPrefix& address : lane.addresses) {
    // An address without a subnet has no such route in the main table either.
    if (address.length == static_cast<int>(address.address.size()) * 8) continue;
    routes.push_back({.destination = address.network(), .table = lane.table});
  }
  for (const Route& route : lane.routes) {
    if (route.table.value_or(kMainTable) != kMainTable) continue;
    routes.push_back(route);
    routes.back().table = lane.table;
  }
  return routes;
}

SourceRule table_rule(const SourceRouting& lane, const IpPrefix& address) {
  return {.from = address.address, .table = lane.table, .priority = kSourceRulePriority};
}

Result<> install_source_routing(Addresses& addresses, const SourceRouting& lane) {
  TRY(addresses.set_ipv4_conf(lane.link, kSharedSubnetConf));
  for (const Route& route : table_routes(lane)) {
    TRY(unless(Code::already_exists, addresses.add_route(lane.link, route)));
  }
  for (const IpPrefix& address : lane.addresses) {
    TRY(unless(Code::already_exists, addresses.add_rule(table_rule(lane, address))));
  }
  return {};
}

Result<> remove_source_rules(Addresses& addresses, const SourceRouting& lane) {
  for (const IpPrefix& address : lane.addresses) {
    TRY(unless(Code::not_found, addresses.remove_rule(table_rule(lane, address))));
  }
  return {};
}

Result<> verify_source_routing(Addresses& addresses, const SourceRouting& lane) {
  const std::optional<Ipv4Conf> conf = TRY(addresses.ipv4_conf(lane.link));
  if (conf != kSharedSubnetConf) return missing("arp_ignore 1, arp_announce 2, rp_filter 2");
  const std::vector<Route> routes = TRY(addresses.routes_in(lane.table, lane.link));
  for (const Route& wanted : table_routes(lane)) {
    if (has_route(routes, wanted)) continue;
    return missing(fmt::format("route to {} in table {}", wanted.destination.network().to_string(),
                               lane.table));
  }
  const std::vector<SourceRule> rules = TRY(addresses.rules());
  for (const IpPrefix& address : lane.addresses) {
    const SourceRule wanted = table_rule(lane, address);
    if (!has_rule(rules, wanted)) return missing("rule " + wanted.to_string());
  }
  return {};
}

}  // namespace sluice
