#include "agent/vf_baseline.h"

#include <fmt/ranges.h>

namespace sluice {
namespace {

Result<int> index_of(Links& links, const Port& port) {
  const auto link = TRY(links.find(port.link));
  // A rename in between would have us write to another port.
  if (link && link->parent_device == port.address.to_string()) return link->index;
  if (link && link->parent_bus != "pci") return link->index;
  return Error(Code::busy, fmt::format("link '{}' is not the port's any more", port.link));
}

std::vector<int> unlisted_of(const Port& port, const VfList& list) {
  std::vector<int> unlisted;
  for (const Vf& vf : port.vfs) {
    if (list.find(vf.index) == nullptr) unlisted.push_back(vf.index);
  }
  return unlisted;
}

}  // namespace

VfSettings baseline_difference(const VfInfo& vf, bool spoofchk) {
  VfSettings change;
  if (vf.rate && *vf.rate != Rate{}) change.rate = Rate{};
  if (vf.vlan && *vf.vlan != VlanTag{}) change.vlan = VlanTag{};
  if (vf.trust && *vf.trust) change.trust = false;
  if (vf.spoofchk && *vf.spoofchk != spoofchk) change.spoofchk = spoofchk;
  if (vf.link_state && *vf.link_state != VfLinkState::automatic) {
    change.link_state = VfLinkState::automatic;
  }
  return change;
}

std::string unlisted_note(const std::vector<int>& unlisted, std::size_t vfs) {
  if (unlisted.size() == vfs) return "settings unknown, for its driver tells none";
  return fmt::format("settings unknown, for the kernel lists {} of {} VFs: not {}",
                     vfs - unlisted.size(), vfs, fmt::join(unlisted, ", "));
}

Result<Baseline> prepare_baseline(Links& links, const Port& port, bool spoofchk) {
  if (port.link.empty() || port.vfs.empty()) return Baseline();
  const int index = TRY(index_of(links, port));
  const VfList before = TRY(links.vfs(index));
  Baseline baseline{.changed = 0, .unlisted = unlisted_of(port, before)};
  for (const VfInfo& vf : before.vfs) {
    const VfSettings change = baseline_difference(vf, spoofchk);
    if (change == VfSettings{}) continue;
    TRY(links.set_vf(index, vf.index, change).context("prepare VF {}", vf.index));
    ++baseline.changed;
  }
  if (baseline.changed == 0) return baseline;
  const VfList after = TRY(links.vfs(index));
  for (const VfInfo& vf : after.vfs) {
    if (baseline_difference(vf, spoofchk) == VfSettings{}) continue;
    return Error(
        Code::internal,
        fmt::format("VF {} did not take its baseline, though the driver said so", vf.index));
  }
  return baseline;
}

}  // namespace sluice
