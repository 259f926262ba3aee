#pragma once

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows counters at 0 before there is anything to count: Prometheus sees an increase only between
/// two values. Those of the node's own workers and calls.
void start_counters(Metrics& metrics);

/// Those of each port and class there is now; what has been counted stays.
void start_counters(Metrics& metrics, const Inventory& inventory, const Config& config);

/// Counts a configuration that has just come into force.
void count_good_config(Metrics& metrics);

}  // namespace sluice
