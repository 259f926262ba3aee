#include "agent/repair/vf_rebinder.h"

#include <algorithm>
#include <utility>

#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

// Many times what an attach needs; the VF can wait for the next time.
constexpr std::chrono::seconds kLockTimeout{1};

bool is_with_a_pod(const PortRecord& record, const std::string& vf) {
  return std::ranges::any_of(record.lanes, [&](const LaneRecord& lane) {
    return lane.id == vf && lane.phase != Phase::releasing;
  });
}

bool is_still_lost(const Port& port, PciAddress address) {
  return std::ranges::any_of(port.vfs, [&](const Vf& vf) {
    return vf.address == address && vf.state == VfState::pending;
  });
}

}  // namespace

void VfRebinder::observe(const Inventory& inventory, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::set<PciAddress> had_link;
  std::map<PciAddress, Lost> lost;
  for (const Port& port : inventory.ports) {
    for (const Vf& vf : port.vfs) {
      const bool has_link = vf.state == VfState::ready || vf.state == VfState::away;
      if (!has_link && !had_link_.contains(vf.address)) continue;
      had_link.insert(vf.address);
      if (vf.state != VfState::pending) continue;
      const auto known = lost_.find(vf.address);
      lost[vf.address] =
          known != lost_.end() ? known->second : Lost{port.address, vf.driver, now + kGrace, false};
    }
  }
  had_link_ = std::move(had_link);
  lost_ = std::move(lost);
}

std::map<PciAddress, VfRebinder::Lost> VfRebinder::take_due(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::map<PciAddress, Lost> due;
  for (auto& [vf, lost] : lost_) {
    if (lost.is_tried || now < lost.due) continue;
    due.emplace(vf, lost);
    lost.due = now + kGrace;  // Where a pod still has it.
  }
  return due;
}

void VfRebinder::step(Clock::time_point now) {
  for (const auto& [vf, lost] : take_due(now)) {
    const Result<bool> done = rebind(vf, lost);
    if (done && !*done) continue;
    tell(vf, lost, done);
    const std::lock_guard lock(mutex_);
    if (const auto known = lost_.find(vf); known != lost_.end()) known->second.is_tried = true;
  }
}

Result<bool> VfRebinder::rebind(PciAddress vf, const Lost& lost) const {
  Result<LockedPort> locked = parts_.ledger.lock(lost.port.to_string(), kLockTimeout);
  if (!locked && locked.error().code() == Code::busy) return false;
  if (!locked) return std::move(locked).error();
  if (is_with_a_pod(locked->record(), vf.to_string())) return false;
  const auto port = TRY(scan_port(parts_.sysfs, lost.port));  // Under its lock.
  if (!port || !is_still_lost(*port, vf)) return false;
  const std::string driver = "bus/pci/drivers/" + lost.driver;
  TRY(parts_.sysfs.write(driver + "/unbind", vf.to_string())
          .context("unbind VF {}", vf.to_string()));
  TRY(parts_.sysfs.write(driver + "/bind", vf.to_string()).context("bind VF {}", vf.to_string()));
  return true;
}

void VfRebinder::tell(PciAddress vf, const Lost& lost, const Result<bool>& done) {
  parts_.metrics.add(metric::kVfsRebound, {lost.port.to_string(), done ? "done" : "failed"});
  const std::string what = fmt::format("VF {} had lost its link", vf.to_string());
  const std::string then =
      done ? fmt::format("it was bound to {} again", lost.driver)
           : fmt::format("it cannot be bound again: {}", done.error().message());
  announcer_.warn(
      what, {{"port", lost.port.to_string()}, {"result", then}},
      {.reason = "VfRebound", .action = "Rebind", .note = fmt::format("{}: {}", what, then)});
}

}  // namespace sluice
