#include <charconv>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/config/parse.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kMostVfs = 65535;  // sriov_numvfs is a u16 (drivers/pci/iov.c).

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

PortSelector read_selector(Members& rule) {
  const json* const member = rule.find("select");
  if (member == nullptr) {
    rule.problems().add(rule.at(), "has no \"select\"; {} selects all ports");
    return {};
  }
  Members select(*member, rule.pointer("select"), {"driver", "address", "link", "vendor", "device"},
                 rule.problems());
  return select.is_object() ? read_port_selector(select) : PortSelector();
}

VfCount read_count(Members& rule) {
  const json* const member = rule.find("vfs");
  if (member == nullptr) {
    rule.problems().add(rule.at(), "has no \"vfs\"");
    return {};
  }
  if (*member == "max") return VfCount::max();
  if (*member == "leave") return VfCount::leave();
  if (member->is_number_unsigned() && member->get<std::uint64_t>() <= kMostVfs) {
    return VfCount::exactly(member->get<int>());
  }
  rule.reject("vfs", fmt::format("want a number of VFs from 0 to {}, \"max\" or \"leave\", got {}",
                                 kMostVfs, in_quotes(member->dump())));
  return {};
}

}  // namespace

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

ProvisionRule read_port_rule(const json& rule, const std::string& at, Problems& problems) {
  Members members(rule, at, {"select", "vfs", "spoofchk", "shares"}, problems);
  ProvisionRule read;
  if (!members.is_object()) return read;
  read.select = read_selector(members);
  read.vfs = read_count(members);
  read.spoofchk = members.boolean("spoofchk", true);
  if (const json* const shares = members.find("shares"); shares != nullptr) {
    read.shares = read_shares(*shares, members.pointer("shares"), read.vfs, problems);
  }
  return read;
}

}  // namespace sluice
