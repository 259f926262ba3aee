#pragma once

#include <string>
#include <vector>

#include "agent/config/live_config.h"
#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// Gives lanes what the networks of the configuration say: addresses, VLAN, MTU. Any number of
/// threads.
class Networks {
 public:
  /// Both must outlive this object.
  Networks(const LiveConfig& config, const Dir& sysfs) : config_(config), sysfs_(sysfs) {}

  /// Completes lanes that have no network yet: with that of their class, else with the first that
  /// selects their VF, else with none. invalid_argument when the network named is not for the VF;
  /// the errors of reading the VF's port.
  Result<> complete(std::vector<PodLane>& lanes) const;

  /// One lane, with the network of the name `wanted`, or of the port where that is empty. `by`:
  /// what wants it, for people: "the claim".
  Result<> complete(PodLane& lane, const std::string& wanted, const std::string& by) const;

 private:
  const LiveConfig& config_;
  const Dir& sysfs_;
};

}  // namespace sluice
