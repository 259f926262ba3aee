#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"
#include "plugin/device.h"

namespace sluice {

/// Everything the device plugin's snapshot is made of.
struct SnapshotInput {
  const Inventory& inventory;
  const Config& config;
  std::span<const Offer> offers;
  /// The ledger read before and after the inventory, so that a VF on its way is not taken for one
  /// that somebody took.
  std::span<const PortRecord> before;
  std::span<const PortRecord> after;
  /// VFs that pods have by the kubelet; nullptr: unknown.
  const std::vector<std::string>* held = nullptr;
  std::span<const Grant> grants = {};
};

/// What the kubelet is to see: each class that is configured, if only with no device, and each that
/// is still offered. Pure.
plugin::DeviceSnapshot make_snapshot(const SnapshotInput& input, std::uint64_t generation);

/// How many VFs are in the lists as healthy, by class.
std::map<std::string, int> healthy_by_class(const plugin::DeviceSnapshot& snapshot,
                                            const Config& config);

}  // namespace sluice
