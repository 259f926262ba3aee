#include "pkg/ledger/lane_addresses.h"

#include <fmt/format.h>

#include <limits>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr int kMost = std::numeric_limits<int>::max();

Json encode_route(const Route& route) {
  Json json = {{"dst", route.destination.to_string()}};
  if (route.gateway) json["gw"] = route.gateway->to_string();
  if (route.mtu != 0) json["mtu"] = route.mtu;
  if (route.advmss != 0) json["advmss"] = route.advmss;
  if (route.priority != 0) json["priority"] = route.priority;
  if (route.table) json["table"] = *route.table;
  if (route.scope) json["scope"] = *route.scope;
  return json;
}

IpPrefix read_prefix(Members& of, const char* key, const std::string& text) {
  Result<IpPrefix> prefix = IpPrefix::parse(text);
  if (!prefix) of.reject(key, prefix.error().message());
  return prefix.value_or(IpPrefix());
}

Route read_route(Members from) {
  Route route{.destination = read_prefix(from, "dst", from.text("dst")),
              .gateway = {},
              .mtu = from.number("mtu", 0, kMost).value_or(0),
              .advmss = from.number("advmss", 0, kMost).value_or(0),
              .priority = from.number("priority", 0, kMost).value_or(0),
              .table = from.number("table", 0, kMost),
              .scope = from.number("scope", 0, kMost)};
  const std::string gateway = from.text("gw", "");
  if (gateway.empty()) return route;
  const Result<IpAddress> address = IpAddress::parse(gateway);
  if (!address) from.reject("gw", address.error().message());
  if (address) route.gateway = *address;
  return route;
}

LaneAddresses read(Members from) {
  LaneAddresses all;
  all.rules = from.boolean("rules", false);
  for (const Json& each : from.array("addresses")) {
    const std::string text = each.is_string() ? each.get<std::string>() : "";
    all.addresses.push_back(read_prefix(from, "addresses", text));
  }
  const Json& routes = from.array("routes");
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const std::string at = fmt::format("{}/{}", from.pointer("routes"), i);
    all.routes.push_back(read_route(Members(routes[i], at, from.problems())));
  }
  return all;
}

}  // namespace

std::string encode(const LaneAddresses& addresses) {
  Json json = {{"addresses", Json::array()}, {"routes", Json::array()}};
  for (const IpPrefix& each : addresses.addresses) json["addresses"].push_back(each.to_string());
  for (const Route& each : addresses.routes) json["routes"].push_back(encode_route(each));
  if (addresses.rules) json["rules"] = true;
  return json.dump();
}

Result<LaneAddresses> decode_lane_addresses(std::string_view text) {
  const Json json = parse_document(text);
  Problems problems;
  LaneAddresses addresses = read(Members(json, "", problems));
  if (problems.empty()) return addresses;
  return Error(Code::data_loss,
               fmt::format("addresses of a lane: {}", to_string(problems.all().front())));
}

}  // namespace sluice
