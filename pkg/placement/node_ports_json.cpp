#include "pkg/placement/node_ports_json.h"

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;      // Readers of a value may call themselves for each level.
constexpr int kMostVfs = 65'535;  // TotalVFs has 16 bits (PCI Express SR-IOV capability).
constexpr std::string_view kEthernet = "ethernet";
constexpr std::string_view kInfiniband = "infiniband";

/// The members of one object; what is wrong with one is added to the problems.
class Members {
 public:
  Members(const json& value, std::string at, std::vector<std::string>& problems)
      : value_(value), at_(std::move(at)), problems_(problems) {
    if (value_.is_object()) return;
    problems_.push_back(at_.empty() ? "want an object" : at_ + ": want an object");
  }

  const json* find(const char* key) const {
    const auto member = value_.is_object() ? value_.find(key) : value_.end();
    return member == value_.end() ? nullptr : &*member;
  }

  void reject(const char* key, std::string_view why) {
    if (value_.is_object()) problems_.push_back(fmt::format("{}/{}: {}", at_, key, why));
  }

  std::string text(const char* key) {
    const json* const member = find(key);
    if (member != nullptr && member->is_string()) return member->get<std::string>();
    reject(key, "want a text");
    return {};
  }

  std::string filled_text(const char* key) {
    const json* const member = find(key);
    const bool filled =
        member != nullptr && member->is_string() && !member->get_ref<const std::string&>().empty();
    if (!filled) reject(key, "want a text that is not empty");
    return filled ? member->get<std::string>() : std::string();
  }

  BitRate rate(const char* key) {
    const json* const member = find(key);
    if (member == nullptr || !member->is_string()) {
      reject(key, "want a quantity in bit/s in quotes, like \"25G\"");
      return {};
    }
    const auto rate = parse_quantity(member->get_ref<const std::string&>());
    if (!rate) reject(key, rate.error().message());
    return rate.value_or(BitRate());
  }

  std::optional<int> number(const char* key, int most) {
    const json* const member = find(key);
    if (member == nullptr) return std::nullopt;
    // What was made here and not parsed may be signed. Negative ones are too large without a sign.
    const bool fits = member->is_number_integer() &&
                      member->get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
    if (fits) return member->get<int>();
    reject(key, fmt::format("want a whole number from 0 to {}", most));
    return std::nullopt;
  }

 private:
  const json& value_;
  std::string at_;
  std::vector<std::string>& problems_;
};

json encode_port(const NodePort& port) {
  json encoded = {{"name", port.name},
                  {"linkType", port.medium == Medium::infiniband ? kInfiniband : kEthernet},
                  {"driver", port.driver},
                  {"usable", to_quantity(port.usable)},
                  {"promised", to_quantity(port.promised)}};
  if (!port.link.empty()) encoded["link"] = port.link;
  if (port.numa_node) encoded["numaNode"] = *port.numa_node;
  if (!port.line_rate.is_zero()) encoded["lineRate"] = to_quantity(port.line_rate);
  if (port.free_vfs) encoded["freeVfs"] = *port.free_vfs;
  return encoded;
}

Medium decode_medium(Members& members) {
  const json* const member = members.find("linkType");
  if (member != nullptr && *member == kInfiniband) return Medium::infiniband;
  if (member == nullptr || *member != kEthernet) {
    members.reject("linkType", fmt::format("want \"{}\" or \"{}\"", kEthernet, kInfiniband));
  }
  return Medium::ethernet;
}

NodePort decode_port(Members members) {
  NodePort port{.name = members.filled_text("name"),
                .link = members.find("link") != nullptr ? members.text("link") : std::string(),
                .medium = decode_medium(members),
                .numa_node = members.number("numaNode", std::numeric_limits<int>::max()),
                .driver = members.text("driver"),
                .line_rate = {},
                .usable = members.rate("usable"),
                .promised = members.rate("promised"),
                .free_vfs = members.number("freeVfs", kMostVfs)};
  if (members.find("lineRate") != nullptr) port.line_rate = members.rate("lineRate");
  return port;
}

}  // namespace

json encode(const NodePorts& ports) {
  json list = json::array();
  for (const NodePort& port : ports.ports) list.push_back(encode_port(port));
  json all = json::object();
  all["ports"] = std::move(list);
  return all;
}

Result<NodePorts> decode_node_ports(const json& value, std::string_view at) {
  std::vector<std::string> problems;
  Members members(value, std::string(at), problems);
  const json* const list = members.find("ports");
  if (list == nullptr || !list->is_array()) members.reject("ports", "want a list");
  NodePorts decoded;
  std::set<std::string> names;
  const std::size_t count = list != nullptr && list->is_array() ? list->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string port_at = fmt::format("{}/ports/{}", at, i);
    decoded.ports.push_back(decode_port({(*list)[i], port_at, problems}));
    const std::string& name = decoded.ports.back().name;
    if (name.empty()) continue;
    if (!names.insert(name).second) problems.push_back(port_at + "/name: an earlier port has it");
  }
  if (problems.empty()) return decoded;
  return Error(Code::invalid_argument, fmt::format("{}", fmt::join(problems, "; ")));
}

Result<NodePorts> decode_node_ports_text(std::string_view text) {
  bool too_deep = false;
  const auto bound = [&too_deep](int depth, json::parse_event_t event, json& /*unused*/) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    too_deep = too_deep || (opens && depth >= kDeepest);
    return !too_deep;
  };
  const json value = json::parse(text, bound, /*allow_exceptions=*/false);
  if (too_deep) {
    return Error(Code::invalid_argument, fmt::format("nested deeper than {} levels", kDeepest));
  }
  if (value.is_discarded()) return Error(Code::invalid_argument, "not JSON");
  return decode_node_ports(value);
}

}  // namespace sluice
