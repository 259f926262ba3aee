#include "agent/vf_keeper.h"

#include "agent/plan.h"
#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

bool lacks_vfs(const Port& port, const Config& config) {
  return plan_port(port, config.ports.rule_for(port), {}).action == PortPlan::Action::create;
}

}  // namespace

void VfKeeper::observe(const Inventory& inventory, const Config& config, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Clock::time_point> bare;
  for (const Port& port : inventory.ports) {
    if (!lacks_vfs(port, config)) continue;
    const std::string address = port.address.to_string();
    const auto known = bare_.find(address);
    bare[address] = known == bare_.end() ? now + kGrace : known->second;
  }
  bare_ = std::move(bare);
}

std::vector<std::string> VfKeeper::take_due(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> due;
  for (auto& [address, when] : bare_) {
    if (now < when) continue;
    due.push_back(address);
    when = now + kGrace;
  }
  return due;
}

void VfKeeper::step(Clock::time_point now, const std::stop_token& stop) {
  for (const std::string& address : take_due(now)) {
    if (stop.stop_requested()) return;
    tell(address, make(address, stop));
  }
}

Result<PortOutcome> VfKeeper::make(const std::string& address, const std::stop_token& stop) {
  const PciAddress name = TRY(PciAddress::parse(address));
  const auto port = TRY(scan_port(parts_.sysfs, name));
  if (!port) return Error(Code::not_found, "the port has vanished");
  const ConfigPtr config = parts_.config.current();
  Provisioner provisioner({.sysfs_root = parts_.sysfs_root,
                           .state_dir = parts_.state_dir,
                           .only_create = true,
                           .stop = stop},
                          parts_.sysfs, parts_.links, parts_.ledger,
                          [this](const std::string& line) {
                            log_.debug("making VFs", {{"progress", line}});
                          });
  return provisioner.serve(*port, config->ports.rule_for(*port));
}

void VfKeeper::tell(const std::string& address, const Result<PortOutcome>& outcome) {
  if (outcome && outcome->kind != PortOutcome::Kind::changed) return;  // Somebody was faster.
  parts_.metrics.add(metric::kVfsMade, {address, outcome ? "done" : "failed"});
  if (outcome) {
    failures_.recovered(address);
    log_.warn("a port had lost its VFs, and they were made again",
              {{"port", address}, {"result", outcome->text}});
  } else {
    const std::string& reason = outcome.error().message();
    if (!failures_.worth_telling(address, reason, Clock::now())) return;
    log_.error("a port has lost its VFs, and they cannot be made again yet",
               {{"port", address}, {"reason", reason}});
  }
  if (parts_.cluster == nullptr) return;
  parts_.cluster->warn(outcome ? "VfsMadeAgain" : "VfsLost", "Provision",
                       fmt::format("port {} had lost its VFs: {}", address,
                                   outcome ? outcome->text : outcome.error().message()));
}

}  // namespace sluice
