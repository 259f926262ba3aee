#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/locked_memory.h"
#include "pkg/placement/node_ports.h"

namespace sluice::plugin {

/// One VF as it is offered under a class.
struct Device {
  std::string id;    ///< The VF's PCI address: what the kubelet calls the device.
  std::string port;  ///< PCI address
  /// Why no pod should start with it; empty: healthy.
  std::string unhealthy;
  /// That is for want of its port's carrier alone. All that Allocate hands out is there then, and
  /// the pod's network waits for the carrier.
  bool awaits_carrier = false;
  /// Who has it though the kubelet did not give it: a claim, a person. Empty: no one. A pod whose
  /// sandbox is still going does not count: the kubelet gives its VFs to the next pod before that.
  std::string taken;
  /// Not listed any more, for it is to move to another class. The kubelet may still ask for it
  /// until the move is confirmed, and gets it.
  bool withdrawn = false;
  std::optional<int> numa_node;
  std::string rdma_device;                ///< "mlx5_3"; empty when there is none.
  std::vector<std::string> char_devices;  ///< "uverbs3", "umad3": nodes below /dev/infiniband.
  std::string vfio_group;                 ///< "12": /dev/vfio/12; empty unless bound to vfio-pci.

  friend bool operator==(const Device&, const Device&) = default;
};

/// One extended resource and the VFs offered under it.
struct ClassDevices {
  std::string resource;  ///< "sluice.dev/gold"
  BitRate floor;         ///< Of each device.
  std::vector<Device> devices;

  friend bool operator==(const ClassDevices&, const ClassDevices&) = default;
};

/// All that the plugin serves, at one moment. Published whole and never changed after that.
struct DeviceSnapshot {
  std::uint64_t generation = 0;
  std::vector<ClassDevices> classes;
  /// `promised` is what pods hold, whatever class they have it from: what is offered is promised
  /// whether the kubelet hands it out or not.
  std::vector<NodePort> ports;
  LockedMemory locked_memory;  ///< Of containers with devices; Handover::cdi only.

  const ClassDevices* find(const std::string& resource) const;
};

using DeviceSnapshotPtr = std::shared_ptr<const DeviceSnapshot>;

}  // namespace sluice::plugin
