#include "pkg/lane/give_addresses.h"

#include <algorithm>

namespace sluice {
namespace {

// A pod's own tables are rarely numbered so high.
constexpr int kFirstTable = 1'000'000;

Result<> unless_there(Result<> added) {
  if (!added && added.error().code() == Code::already_exists) return {};
  return added;
}

bool is_for(const SourceRule& rule, const std::vector<IpPrefix>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const IpPrefix& each) { return each.address == rule.from; });
}

}  // namespace

std::optional<SourceRouting> source_routing_of(const LaneAddresses& addresses, int link) {
  if (!addresses.rules) return std::nullopt;
  return SourceRouting{.link = link,
                       .table = kFirstTable + link,
                       .addresses = addresses.addresses,
                       .routes = addresses.routes};
}

Result<> give_addresses(Addresses& pod, int link, const LaneAddresses& addresses) {
  for (const IpPrefix& each : addresses.addresses) {
    TRY(unless_there(pod.add_address(link, each)));
  }
  for (const Route& each : addresses.routes) TRY(unless_there(pod.add_route(link, each)));
  const std::optional<SourceRouting> routing = source_routing_of(addresses, link);
  return routing ? install_source_routing(pod, *routing) : Result<>();
}

Result<> give_addresses_again(Addresses& pod, int link, const LaneAddresses& addresses) {
  const std::vector<SourceRule> rules = TRY(pod.rules());
  for (const SourceRule& rule : rules) {
    const bool is_ours = rule.priority == kSourceRulePriority && rule.table > kFirstTable;
    const bool leads_here = rule.table == kFirstTable + link;
    if (!is_ours || leads_here || !is_for(rule, addresses.addresses)) continue;
    Result<> removed = pod.remove_rule(rule);
    if (!removed && removed.error().code() != Code::not_found) return removed;
  }
  return give_addresses(pod, link, addresses);
}

}  // namespace sluice
