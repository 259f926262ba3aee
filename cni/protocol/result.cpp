#include "cni/protocol/result.h"

#include <nlohmann/json.hpp>

#include "cni/protocol/version.h"

namespace sluice::cni {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

void put(Json& json, const char* key, const std::vector<std::string>& values) {
  if (!values.empty()) json[key] = values;
}

void put(Json& json, const char* key, int value) {
  if (value != 0) json[key] = value;
}

Json encode(const Interface& interface, std::string_view version) {
  Json json = {{"name", interface.name}};
  put(json, "mac", interface.mac);
  const bool detailed = at_least(version, "1.1.0");
  if (detailed) put(json, "mtu", interface.mtu);
  put(json, "sandbox", interface.sandbox);
  if (detailed) {
    put(json, "socketPath", interface.socket_path);
    put(json, "pciID", interface.pci_id);
  }
  return json;
}

Json encode(const AssignedIp& ip, std::string_view version) {
  Json json = Json::object();
  if (!at_least(version, "1.0.0")) json["version"] = ip.address.address.is_v6() ? "6" : "4";
  if (ip.interface) json["interface"] = *ip.interface;
  json["address"] = ip.address.to_string();
  if (ip.gateway) json["gateway"] = ip.gateway->to_string();
  return json;
}

Json encode(const Route& route, std::string_view version) {
  Json json = {{"dst", route.destination.to_string()}};
  if (route.gateway) json["gw"] = route.gateway->to_string();
  if (!at_least(version, "1.1.0")) return json;
  put(json, "mtu", route.mtu);
  put(json, "advmss", route.advmss);
  put(json, "priority", route.priority);
  if (route.table) json["table"] = *route.table;
  if (route.scope) json["scope"] = *route.scope;
  return json;
}

Json encode(const Dns& dns) {
  Json json = Json::object();
  put(json, "nameservers", dns.nameservers);
  put(json, "domain", dns.domain);
  put(json, "search", dns.search);
  put(json, "options", dns.options);
  return json;
}

template <typename T>
void put_all(Json& json, const char* key, const std::vector<T>& values, std::string_view version) {
  for (const T& value : values) json[key].push_back(encode(value, version));
}

}  // namespace

bool Dns::empty() const {
  return *this == Dns{};
}

std::string encode_result(const AddResult& result, std::string_view version) {
  Json json = {{"cniVersion", version}};
  put_all(json, "interfaces", result.interfaces, version);
  put_all(json, "ips", result.ips, version);
  put_all(json, "routes", result.routes, version);
  if (!result.dns.empty() || !at_least(version, "1.0.0")) json["dns"] = encode(result.dns);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice::cni
