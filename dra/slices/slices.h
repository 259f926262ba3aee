#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dra/slices/attributes.h"
#include "dra/slices/claim_node.h"

namespace sluice::dra {

/// What the server keeps of a slice; the rest it drops without a word while a feature gate is off.
/// nullopt: not known yet, and assumed.
struct ServerFeatures {
  std::optional<bool> shared_devices;  ///< DRAConsumableCapacity: on from Kubernetes 1.36.
  std::optional<bool> taints;          ///< DRADeviceTaints: on from Kubernetes 1.36.
  std::optional<bool> counters;        ///< DRAPartitionableDevices: on from Kubernetes 1.36.

  friend bool operator==(const ServerFeatures&, const ServerFeatures&) = default;
};

/// A ResourceSlice. Its pool has the name of the node.
struct Slice {
  std::string name;
  std::string driver;
  std::string node;
  std::string node_uid;  ///< Owner; empty: none.
  std::string pool;
  std::int64_t generation = 0;       ///< Of the pool.
  std::int64_t slice_count = 1;      ///< Of the pool.
  std::vector<CounterSet> counters;  ///< A slice has these or devices.
  std::vector<Device> devices;

  friend bool operator==(const Slice&, const Slice&) = default;
};

struct SliceSet {
  std::vector<Slice> slices;  ///< Of generation 0, in order; never none.
  Omissions omissions;
};

/// The slices of the node: ports that claims share, where the server knows shared devices, and VFs
/// of classes. Each VF is there under every class that it may have, and counters see to it that it
/// is allocated once, and the port's bandwidth once; where the server knows no counters it is there
/// under the planned class alone. Devices are in the order of their names, as many to a slice as
/// the server takes, after the slices of counters. Without any device there is one empty slice,
/// which says that the driver lives. Pure: the same answer whatever the order of ports and VFs.
SliceSet make_slices(const ClaimNode& node, const ServerFeatures& features);

}  // namespace sluice::dra
