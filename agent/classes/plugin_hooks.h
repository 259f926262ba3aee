#pragma once

#include "agent/classes/allocated_vfs.h"
#include "agent/classes/lane_guard.h"
#include "agent/classes/live_offers.h"
#include "agent/config/live_config.h"
#include "pkg/daemon/log.h"
#include "pkg/metrics/metrics.h"
#include "plugin/hooks.h"

namespace sluice {

/// What answers the device plugin.
struct HookParts {
  LiveOffers& offers;
  const OfferStore& store;
  AllocatedVfs& allocated_vfs;
  LaneGuard& guard;
  const LiveConfig& config;
  Metrics& metrics;
};

/// What the device plugin asks and tells: an Allocate is noted as held and taken from the offers, a
/// container starts only with its lanes, nodes that containers get are noted in the store, and
/// everything is logged and counted. All must outlive the plugin.
plugin::Hooks plugin_hooks(const HookParts& parts, const Log& log);

}  // namespace sluice
