#pragma once

#include "agent/kubernetes.h"
#include "agent/node_state.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

/// What the NodeLanes object of the node is to say; its wishes are the scheduler's. Pure.
NodeLanes published_node(const NodeState& node, const SetAside& aside,
                         const NodeIdentity& identity);

/// Its ports, in the order of the inventory.
std::vector<PublishedPort> published_ports(const NodeState& node, const SetAside& aside);

}  // namespace sluice
