#include "agent/repair/repairs.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kVfPeriod{1};

Announcer announcer(const Repairs::Parts& parts, const char* component) {
  return {Log(parts.output, component), parts.kubernetes};
}

}  // namespace

Repairs::Repairs(const Parts& parts)
    : restorer_({.sysfs_root = parts.sysfs_root,
                 .state_dir = parts.state_dir,
                 .sysfs = parts.sysfs,
                 .links = parts.links,
                 .ledger = parts.ledger,
                 .config = parts.config,
                 .metrics = parts.metrics},
                announcer(parts, "vfs")),
      rebinder_({.sysfs = parts.sysfs, .ledger = parts.ledger, .metrics = parts.metrics},
                announcer(parts, "vfs")),
      lane_repairer_({.lanes = parts.lanes,
                      .ledger = parts.ledger,
                      .leases = LeaseStore(parts.state_dir),
                      .metrics = parts.metrics},
                     announcer(parts, "repair")),
      for_vfs_("vfs", kVfPeriod,
               [this](const std::stop_token& stop) {
                 restorer_.step(Clock::now(), stop);
                 rebinder_.step(Clock::now());
               }),
      for_lanes_("repair", LaneRepairer::kPeriod,
                 [this](const std::stop_token&) { lane_repairer_.step(); }) {}

void Repairs::observe(const NodeState& node) {
  restorer_.observe(node.inventory, *node.config, node.now);
  rebinder_.observe(node.inventory, node.now);
}

void Repairs::notice() {
  lane_repairer_.notice();
  for_lanes_.wake();
}

void Repairs::watch_with(Probes& probes, std::chrono::seconds limit) const {
  probes.watch(for_lanes_, limit);
}

}  // namespace sluice
