#include "agent/repair/vf_restorer.h"

#include "pkg/inventory/scan.h"
#include "pkg/provision/port_plan.h"

namespace sluice {
namespace {

bool lacks_vfs(const Port& port, const Config& config) {
  return plan_port(port, config.ports.rule_for(port), {}).action == PortPlan::Action::create;
}

}  // namespace

void VfRestorer::observe(const Inventory& inventory, const Config& config, Clock::time_point now) {
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

std::vector<std::string> VfRestorer::take_due(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> due;
  for (auto& [address, when] : bare_) {
    if (now < when) continue;
    due.push_back(address);
    when = now + kGrace;
  }
  return due;
}

void VfRestorer::step(Clock::time_point now, const std::stop_token& stop) {
  for (const std::string& address : take_due(now)) {
    if (stop.stop_requested()) return;
    tell(address, make(address, stop));
  }
}

Result<PortOutcome> VfRestorer::make(const std::string& address, const std::stop_token& stop) {
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
                            announcer_.log().debug("making VFs", {{"progress", line}});
                          });
  return provisioner.serve(*port, config->ports.rule_for(*port));
}

void VfRestorer::tell(const std::string& address, const Result<PortOutcome>& outcome) {
  // Another program was faster.
  if (outcome && outcome->kind != PortOutcome::Kind::changed) return;
  parts_.metrics.add(metric::kVfsMade, {address, outcome ? "done" : "failed"});
  const std::string& what = outcome ? outcome->text : outcome.error().message();
  const EventText event{.reason = outcome ? "VfsMadeAgain" : "VfsLost",
                        .action = "Provision",
                        .note = fmt::format("port {} had lost its VFs: {}", address, what)};
  if (outcome) {
    failures_.recovered(address);
    announcer_.warn("a port had lost its VFs, and they were made again",
                    {{"port", address}, {"result", what}}, event);
  } else if (failures_.worth_telling(address, what, Clock::now())) {
    announcer_.error("a port has lost its VFs, and they cannot be made again yet",
                     {{"port", address}, {"reason", what}}, event);
  }
}

}  // namespace sluice
