#include <limits>

#include "cni/protocol/fields.h"
#include "cni/protocol/result.h"

namespace sluice::cni {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

Outcome<int> number(const Fields& fields, const char* key) {
  const auto value = TRY(fields.integer(key, 0, kMost));
  return static_cast<int>(value.value_or(0));
}

Outcome<std::optional<int>> optional_number(const Fields& fields, const char* key) {
  const auto value = TRY(fields.integer(key, 0, kMost));
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

Outcome<IpPrefix> prefix(const Fields& fields, const char* key) {
  const auto text = TRY(fields.text(key));
  const Result<IpPrefix> parsed = IpPrefix::parse(text.value_or(""));
  if (!parsed) return fields.wrong(key, "an address with a prefix length");
  return *parsed;
}

Outcome<std::optional<IpAddress>> address(const Fields& fields, const char* key) {
  const auto text = TRY(fields.text(key));
  if (!text || text->empty()) return std::optional<IpAddress>();
  const Result<IpAddress> parsed = IpAddress::parse(*text);
  if (!parsed) return fields.wrong(key, "an address");
  return std::optional(*parsed);
}

Outcome<Interface> decode_interface(const Fields& fields) {
  Interface interface;
  interface.name = TRY(fields.text("name")).value_or("");
  interface.mac = TRY(fields.text("mac")).value_or("");
  interface.mtu = TRY(number(fields, "mtu"));
  interface.sandbox = TRY(fields.text("sandbox")).value_or("");
  interface.socket_path = TRY(fields.text("socketPath")).value_or("");
  interface.pci_id = TRY(fields.text("pciID")).value_or("");
  return interface;
}

Outcome<AssignedIp> decode_ip(const Fields& fields) {
  AssignedIp ip;
  ip.interface = TRY(optional_number(fields, "interface"));
  ip.address = TRY(prefix(fields, "address"));
  ip.gateway = TRY(address(fields, "gateway"));
  return ip;
}

Outcome<Route> decode_route(const Fields& fields) {
  Route route;
  route.destination = TRY(prefix(fields, "dst"));
  route.gateway = TRY(address(fields, "gw"));
  route.mtu = TRY(number(fields, "mtu"));
  route.advmss = TRY(number(fields, "advmss"));
  route.priority = TRY(number(fields, "priority"));
  route.table = TRY(optional_number(fields, "table"));
  route.scope = TRY(optional_number(fields, "scope"));
  return route;
}

}  // namespace

Outcome<Dns> decode_dns(const Fields& fields) {
  Dns dns;
  dns.nameservers = TRY(fields.texts("nameservers"));
  dns.domain = TRY(fields.text("domain")).value_or("");
  dns.search = TRY(fields.texts("search"));
  dns.options = TRY(fields.texts("options"));
  return dns;
}

Outcome<AddResult> decode_result(const Fields& fields) {
  AddResult result;
  for (const Fields& each : TRY(fields.objects("interfaces"))) {
    result.interfaces.push_back(TRY(decode_interface(each)));
  }
  for (const Fields& each : TRY(fields.objects("ips"))) {
    result.ips.push_back(TRY(decode_ip(each)));
    const auto index = result.ips.back().interface;
    if (index && static_cast<std::size_t>(*index) >= result.interfaces.size() &&
        !result.interfaces.empty()) {
      return each.wrong("interface", "an index into interfaces");
    }
  }
  for (const Fields& each : TRY(fields.objects("routes"))) {
    result.routes.push_back(TRY(decode_route(each)));
  }
  const auto dns = TRY(fields.object("dns"));
  if (dns) result.dns = TRY(decode_dns(*dns));
  return result;
}

}  // namespace sluice::cni
