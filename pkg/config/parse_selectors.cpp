#include <charconv>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/config/parse.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kMostNumaNode = 1023;  // MAX_NUMNODES of the largest kernels (CONFIG_NODES_SHIFT 10).

// "15b3" or "0x15b3"
std::optional<std::uint16_t> read_id(Members& members, const char* key) {
  const std::string text = members.filled_text(key);
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  std::uint16_t id = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, status] = std::from_chars(digits.data(), end, id, 16);
  if (digits.size() == 4 && status == std::errc() && stop == end) return id;
  members.reject(
      key, fmt::format("want four hexadecimal digits like \"15b3\", got {}", in_quotes(text)));
  return std::nullopt;
}

VfSelector read_vf_selector(const json& value, const std::string& at, Problems& problems) {
  Members members(value, at, {"driver", "address", "link", "vendor", "device", "numa", "vfs"},
                  problems);
  if (!members.is_object()) return {};
  return {.port = read_port_selector(members),
          .numa_node = members.number("numa", 0, kMostNumaNode),
          .vfs = read_indices(members, "vfs")};
}

}  // namespace

std::string read_name(Members& members) {
  if (members.find("name") == nullptr) {
    members.problems().add(members.at(), "has no \"name\"");
    return {};
  }
  std::string name = members.filled_text("name");
  if (name.empty()) return name;
  const std::string problem = class_name_problem(name);
  if (!problem.empty()) members.reject("name", problem);
  return name;
}

std::optional<IndexSet> read_indices(Members& members, const char* key) {
  const std::string text = members.filled_text(key);
  if (text.empty()) return std::nullopt;
  auto indices = IndexSet::parse(text);
  if (indices) return *std::move(indices);
  members.reject(key, indices.error().message());
  return std::nullopt;
}

PortSelector read_port_selector(Members& members) {
  PortSelector select;
  select.driver = members.filled_text("driver");
  select.link = members.filled_text("link");
  select.vendor_id = read_id(members, "vendor");
  select.device_id = read_id(members, "device");
  const std::string address = members.filled_text("address");
  if (address.empty()) return select;
  const auto parsed = PciAddress::parse(address);
  if (parsed) {
    select.address = *parsed;
  } else {
    members.reject("address", parsed.error().message());
  }
  return select;
}

std::vector<VfSelector> read_vf_selectors(Members& rule) {
  const json* const member = rule.find("select");
  if (member == nullptr) return {VfSelector()};
  const std::string at = rule.pointer("select");
  if (!member->is_array()) return {read_vf_selector(*member, at, rule.problems())};
  if (member->empty()) rule.problems().add(at, "selects nothing; {} selects all VFs");
  std::vector<VfSelector> selectors;
  for (std::size_t i = 0; i < member->size(); ++i) {
    selectors.push_back(
        read_vf_selector((*member)[i], fmt::format("{}/{}", at, i), rule.problems()));
  }
  return selectors;
}

}  // namespace sluice
