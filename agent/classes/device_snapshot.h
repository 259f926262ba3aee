#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "agent/node_state.h"
#include "pkg/ledger/offers.h"
#include "plugin/device.h"

namespace sluice {

/// What the kubelet is to see: each class that is configured, if only with no device, and each that
/// is still offered. Pure.
plugin::DeviceSnapshot make_snapshot(const NodeState& node, std::span<const Offer> offers,
                                     std::uint64_t generation);

/// How many VFs are in the lists as healthy, by class.
std::map<std::string, int> healthy_by_class(const plugin::DeviceSnapshot& snapshot,
                                            const Config& config);

}  // namespace sluice
