#pragma once

#include "agent/classes/device_snapshot.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows the ports, VFs, offers and lanes of a snapshot as metrics.
void set_gauges(Metrics& metrics, const SnapshotInput& input,
                const plugin::DeviceSnapshot& snapshot);

}  // namespace sluice
