#pragma once

#include "agent/snapshot.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows the ports, VFs, offers and lanes of a snapshot as metrics.
void set_gauges(Metrics& metrics, const SnapshotInput& input, const plugin::Snapshot& snapshot);

/// A configuration has just come into force.
void note_config_time(Metrics& metrics);

}  // namespace sluice
