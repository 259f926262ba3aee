#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/config/parse.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kMostVfs = 65535;  // sriov_numvfs is a u16 (drivers/pci/iov.c).

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
