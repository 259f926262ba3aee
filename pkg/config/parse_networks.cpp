#include <nlohmann/json.hpp>

#include "pkg/annotations/vlan.h"
#include "pkg/base/strings.h"
#include "pkg/config/parse.h"
#include "pkg/netlink/addresses.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kLeastMtu = 68;    // ETH_MIN_MTU (linux/if_ether.h)
constexpr int kMostMtu = 65535;  // ETH_MAX_MTU
constexpr int kMostPriority = 1'000'000;

// The plugin's own keys are for the plugin to judge.
void check_ipam(Members& members) {
  if (members.find("ipam") == nullptr) return;
  Members ipam(*members.find("ipam"), members.pointer("ipam"), members.problems());
  if (!ipam.is_object()) return;
  if (ipam.find("type") == nullptr) {
    ipam.problems().add(ipam.at(), "has no \"type\"");
    return;
  }
  const std::string type = ipam.filled_text("type");
  if (type.starts_with('.') || type.find('/') != std::string::npos) {
    ipam.reject("type", fmt::format("want the name of an IPAM plugin, got {}", in_quotes(type)));
  }
}

void check_route(const json& value, const std::string& at, Problems& problems) {
  Members route(value, at, {"dst", "gw", "mtu", "advmss", "priority"}, problems);
  if (!route.is_object()) return;
  const auto to = IpPrefix::parse(route.text("dst"));
  if (!to) route.reject("dst", to.error().message());
  if (const std::string gateway = route.filled_text("gw"); !gateway.empty()) {
    const auto through = IpAddress::parse(gateway);
    if (!through) route.reject("gw", through.error().message());
    if (to && through && to->address.is_v6() != through->is_v6()) {
      route.reject("gw", "is of another family than \"dst\"");
    }
  }
  route.number("mtu", kLeastMtu, kMostMtu);
  route.number("advmss", 1, kMostMtu);
  route.number("priority", 0, kMostPriority);
}

void check_routes(Members& members) {
  const json* const routes = members.find("routes");
  if (routes == nullptr) return;
  const std::string at = members.pointer("routes");
  if (!routes->is_array()) {
    members.problems().add(at, "want a list of routes");
    return;
  }
  for (std::size_t i = 0; i < routes->size(); ++i) {
    check_route((*routes)[i], fmt::format("{}/{}", at, i), members.problems());
  }
}

// What is about addresses makes no sense without any.
void check_addressing(Members& members) {
  const bool has_rules = members.boolean("rules", false);
  if (members.find("ipam") != nullptr) return;
  if (members.find("routes") != nullptr) members.reject("routes", "needs \"ipam\"");
  if (has_rules) members.reject("rules", "needs \"ipam\"");
}

// IPAM plugins keep their records by the network's name, which the cluster's own may have, too.
std::string cni_of(const Members& members, const std::string& name) {
  if (members.find("ipam") == nullptr) return {};
  json cni = {{"cniVersion", "1.0.0"}, {"name", "sluice-" + name}, {"type", "sluice"}};
  for (const char* const key : {"ipam", "routes", "rules"}) {
    if (const json* const member = members.find(key)) cni[key] = *member;
  }
  return cni.dump(-1, ' ', false, json::error_handler_t::replace);
}

NetworkRule read_network(const json& value, const std::string& at, Problems& problems) {
  Members members(
      value, at,
      {"name", "node", "select", "ipam", "mtu", "vlan", "vlanQoS", "vlanProto", "routes", "rules"},
      problems);
  NetworkRule rule;
  if (!members.is_object()) return rule;
  rule.name = read_name(members);
  rule.node = members.filled_text("node");
  rule.select = read_vf_selectors(members);
  check_ipam(members);
  rule.mtu = members.number("mtu", kLeastMtu, kMostMtu);
  rule.vlan = read_vlan(members);
  check_routes(members);
  check_addressing(members);
  rule.cni = cni_of(members, rule.name);
  return rule;
}

}  // namespace

std::vector<NetworkRule> read_networks(const json& value, const std::string& at,
                                       Problems& problems) {
  std::vector<NetworkRule> networks;
  if (!value.is_array()) {
    problems.add(at, "want a list of networks");
    return networks;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    networks.push_back(read_network(value[i], fmt::format("{}/{}", at, i), problems));
  }
  return networks;
}

}  // namespace sluice
