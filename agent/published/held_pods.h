#pragma once

#include <vector>

#include "agent/node_state.h"
#include "agent/published/pods_share.h"
#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

/// The pods whose lanes in the pods' shares (pods_shares()) are not what the scheduler counts by
/// their placement annotations: with a grant that does not follow it, or with lanes that no grant
/// is for, of a network attachment. With all their lanes there, by UID. Pure.
std::vector<HeldPod> held_pods(const NodeState& node, const SetAside& aside,
                               const std::vector<PodsShare>& shares);

}  // namespace sluice
