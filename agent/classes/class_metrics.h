#pragma once

#include <span>

#include "agent/node_state.h"
#include "pkg/ledger/offers.h"
#include "pkg/metrics/metrics.h"
#include "plugin/device.h"

namespace sluice {

/// Shows offers, what the VFs of each port are used for, and what a port's lanes may be promised.
void show_classes(Metrics& metrics, const NodeState& node, std::span<const Offer> offers,
                  const plugin::DeviceSnapshot& snapshot);

}  // namespace sluice
