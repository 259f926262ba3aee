#include "pkg/provision/port_plan.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace sluice {
namespace {

using Action = PortPlan::Action;

// Addresses of the VFs in use, with the reason for those the ledger does not know.
std::vector<std::string> in_use(const Port& port, const std::vector<std::string>& held) {
  std::vector<std::string> used = held;
  for (const Vf& vf : port.vfs) {
    if (vf.state != VfState::away && vf.state != VfState::vfio) continue;
    const std::string address = vf.address.to_string();
    if (std::find(held.begin(), held.end(), address) != held.end()) continue;
    used.push_back(fmt::format("{} ({})", address,
                               vf.state == VfState::away ? "in another namespace" : "on vfio-pci"));
  }
  return used;
}

int wanted(const Port& port, const VfCount& count) {
  return count.kind == VfCount::Kind::exactly ? count.number : port.total_vfs;
}

PortPlan change_count(const Port& port, int target) {
  if (target > port.total_vfs) {
    return {Action::refuse, target,
            fmt::format("{} VFs asked, the port can have at most {} VFs", target, port.total_vfs)};
  }
  return {port.vfs.empty() ? Action::create : Action::replace, target, ""};
}

}  // namespace

PortPlan plan_port(const Port& port, const ProvisionRule* rule,
                   const std::vector<std::string>& held) {
  if (rule == nullptr) return {Action::skip, 0, "no rule selects it"};
  if (rule->vfs.kind == VfCount::Kind::leave) return {Action::skip, 0, "to be left alone"};
  if (!port.bond.empty() && !rule->select.address) {
    return {Action::skip, 0,
            fmt::format("{} is in {}; a rule with its address takes it all the same", port.link,
                        port.bond)};
  }
  if (port.state == PortState::away) {
    return {Action::refuse, 0, "its link is in another network namespace"};
  }
  if (port.state == PortState::unbound) return {Action::refuse, 0, "it has no driver"};
  const int now = static_cast<int>(port.vfs.size());
  const int target = wanted(port, rule->vfs);
  const std::vector<std::string> used = in_use(port, held);
  if (used.empty()) {
    return target == now ? PortPlan{Action::prepare, target, ""} : change_count(port, target);
  }
  if (target == now) {
    return {Action::leave, target, fmt::format("has {} VFs as asked, {} in use", now, used.size())};
  }
  return {Action::refuse, target,
          fmt::format("{} VFs asked, {} there, and VFs are in use: {}", target, now,
                      fmt::join(used, ", "))};
}

}  // namespace sluice
