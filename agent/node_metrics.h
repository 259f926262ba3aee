#pragma once

#include "agent/node_state.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows lanes, their rates, and what each port has promised.
void show_node(Metrics& metrics, const NodeState& node, const SetAside& aside);

}  // namespace sluice
