#include "pkg/placement/node_ports_json.h"

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

json encode_port(const NodePort& port) {
  json encoded = {{"name", port.name},
                  {"linkType", to_string(port.medium)},
                  {"driver", port.driver},
                  {"usable", to_quantity(port.usable)},
                  {"promised", to_quantity(port.promised)}};
  if (!port.link.empty()) encoded["link"] = port.link;
  if (port.numa_node) encoded["numaNode"] = static_cast<unsigned>(*port.numa_node);
  if (!port.line_rate.is_zero()) encoded["lineRate"] = to_quantity(port.line_rate);
  if (port.free_vfs) encoded["freeVfs"] = static_cast<unsigned>(*port.free_vfs);
  if (port.free_vfio_vfs > 0) {
    encoded["freeVfioVfs"] = static_cast<unsigned>(port.free_vfio_vfs);
  }
  if (!port.networks.empty()) encoded["networks"] = port.networks;
  return encoded;
}

std::string decode_name(Members& members) {
  if (members.is_object() && members.find("name") == nullptr) members.reject("name", "is missing");
  return members.filled_text("name");
}

NodePort decode_port(Members members) {
  const bool has_line_rate = members.find("lineRate") != nullptr;
  return {.name = decode_name(members),
          .link = members.text("link", ""),
          .medium = decode_medium(members),
          .numa_node = members.number("numaNode", 0, std::numeric_limits<int>::max()),
          .driver = members.text("driver"),
          .line_rate = has_line_rate ? members.quantity("lineRate") : BitRate(),
          .usable = members.quantity("usable"),
          .promised = members.quantity("promised"),
          .free_vfs = members.number("freeVfs", 0, kMostVfs),
          .free_vfio_vfs = members.number("freeVfioVfs", 0, kMostVfs).value_or(0),
          .networks = decode_networks(members)};
}

NodePorts decode(Members members) {
  const json& list = members.array("ports");
  NodePorts decoded;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Members port(list[i], fmt::format("{}/ports/{}", members.at(), i), members.problems());
    decoded.ports.push_back(decode_port(port));
    const std::string& name = decoded.ports.back().name;
    if (!name.empty() && !names.insert(name).second) port.reject("name", "an earlier port has it");
  }
  return decoded;
}

Error wrong(const Problems& problems) {
  std::string all;
  for (const Problem& problem : problems.all()) {
    all += (all.empty() ? "" : "; ") + to_string(problem);
  }
  return {Code::invalid_argument, std::move(all)};
}

}  // namespace

Medium decode_medium(Members& members) {
  const json* const member = members.find("linkType");
  const std::optional<Medium> medium = member == nullptr || !member->is_string()
                                           ? std::nullopt
                                           : parse_medium(member->get_ref<const std::string&>());
  if (!medium) members.reject("linkType", "want \"ethernet\" or \"infiniband\"");
  return medium.value_or(Medium::ethernet);
}

std::vector<std::string> decode_networks(Members& members) {
  std::vector<std::string> networks;
  if (members.find("networks") == nullptr) return networks;
  const json& list = members.array("networks");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_string() && !list[i].get_ref<const std::string&>().empty()) {
      networks.push_back(list[i].get<std::string>());
    } else {
      members.problems().add(fmt::format("{}/{}", members.pointer("networks"), i),
                             "want a text that is not empty");
    }
  }
  return networks;
}

json encode(const NodePorts& ports) {
  json list = json::array();
  for (const NodePort& port : ports.ports) list.push_back(encode_port(port));
  json all = json::object();
  all["ports"] = std::move(list);
  return all;
}

Result<NodePorts> decode_node_ports(const json& value, std::string_view at) {
  Problems problems;
  NodePorts decoded = decode(Members(value, std::string(at), problems));
  if (!problems.empty()) return wrong(problems);
  return decoded;
}

Result<NodePorts> decode_node_ports_text(std::string_view text) {
  Problems problems;
  const json value = parse_document(text, problems);
  if (!problems.empty()) return wrong(problems);
  return decode_node_ports(value);
}

}  // namespace sluice
