#include "cni/addressing.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cni {
namespace {

std::optional<IpAddress> default_gateway(const AddResult& result, bool v6) {
  for (const AssignedIp& ip : result.ips) {
    if (ip.gateway && ip.address.address.is_v6() == v6) return ip.gateway;
  }
  return std::nullopt;
}

Route with_gateway(Route route, const AddResult& result) {
  if (!route.gateway) route.gateway = default_gateway(result, route.destination.address.is_v6());
  return route;
}

bool is_same(const Route& a, const Route& b) {
  return a.destination.network() == b.destination.network() && a.gateway == b.gateway;
}

Failure missing(const std::string& what) {
  return {ErrorCode::mismatch, what + " of prevResult is not on the link"};
}

// The addresses of that interface, and the routes through a gateway of theirs.
AddResult part_of(const Expected& expected) {
  const AddResult& result = expected.result;
  const auto index = find_interface(result, expected.name, expected.sandbox);
  AddResult ours;
  for (const AssignedIp& ip : result.ips) {
    if (ip.interface == index) ours.ips.push_back(ip);
  }
  const auto in_sandbox =
      std::count_if(result.interfaces.begin(), result.interfaces.end(),
                    [](const Interface& each) { return !each.sandbox.empty(); });
  for (const Route& asked : result.routes) {
    const bool through_us = std::any_of(ours.ips.begin(), ours.ips.end(), [&](const auto& ip) {
      return asked.gateway && ip.address.contains(*asked.gateway);
    });
    // Without a gateway it may be any interface's.
    if (in_sandbox <= 1 || through_us) ours.routes.push_back(with_gateway(asked, ours));
  }
  return ours;
}

}  // namespace

std::vector<Route> routes_of(const AddResult& result) {
  std::vector<Route> routes;
  for (const Route& asked : result.routes) routes.push_back(with_gateway(asked, result));
  return routes;
}

LaneAddresses lane_addresses_of(const AddResult& result) {
  LaneAddresses all{.addresses = {}, .routes = routes_of(result)};
  for (const AssignedIp& ip : result.ips) all.addresses.push_back(ip.address);
  return all;
}

std::optional<int> find_interface(const AddResult& result, std::string_view name,
                                  std::string_view sandbox) {
  for (std::size_t i = 0; i < result.interfaces.size(); ++i) {
    const Interface& each = result.interfaces[i];
    if (each.name == name && each.sandbox == sandbox) return static_cast<int>(i);
  }
  return std::nullopt;
}

Outcome<> verify(Addresses& addresses, int link, const std::vector<Route>& routes,
                 const Expected& expected) {
  const AddResult ours = part_of(expected);
  const auto held = TRY(addresses.addresses(link));
  for (const AssignedIp& ip : ours.ips) {
    if (std::find(held.begin(), held.end(), ip.address) == held.end()) {
      return missing(fmt::format("address {}", ip.address.to_string()));
    }
  }
  for (const Route& route : ours.routes) {
    if (route.table) continue;
    if (std::none_of(routes.begin(), routes.end(),
                     [&](const Route& each) { return is_same(each, route); })) {
      return missing(fmt::format("route to {}", route.destination.to_string()));
    }
  }
  return {};
}

}  // namespace sluice::cni
