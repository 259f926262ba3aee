#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "dra/slices/device.h"
#include "pkg/base/rate.h"
#include "pkg/placement/node_ports.h"

namespace sluice::dra {

/// VFs of one port that can be devices of classes: with the port's bandwidth they are the counters
/// of one set (k8s.io/api/resource/v1/types.go, ResourceSliceMaxCountersPerCounterSet, is 32).
inline constexpr std::size_t kMostClassVfs = 31;

/// A port with a share for claims. Texts are empty where nothing is known.
///
/// A device that claims share takes nothing of counters with each of its shares (the scheduler
/// charges them once, with the first), so the port's device and the VFs of classes cannot draw on
/// one counter. The share is split instead: what is set aside for classes is not the device's.
struct ClaimPort {
  /// What its device has: `usable` is what shares of it may be promised, `promised` what they are;
  /// `driver` is the row of the capability table, the line rate the last one known.
  NodePort share;
  /// Of its device, taken or fit to be. None: it has no device.
  int vfs = 0;
  BitRate for_classes;       ///< What its VFs of classes may be promised together.
  bool carrier = false;      ///< Without: no claim comes to it.
  std::string driver;        ///< As the kernel names it.
  std::string pcie_root;     ///< "pci0000:3a"
  std::string rdma_device;   ///< "mlx5_0"
  std::string eswitch_mode;  ///< "legacy", "switchdev"
  std::string network;       ///< Of lanes that name none.
  std::string trouble = {};  ///< Why no lane can be made on it now; empty: one can.

  friend bool operator==(const ClaimPort&, const ClaimPort&) = default;
};

/// A VF under a class: it may be there under several, and is allocated under one.
struct ClaimVf {
  std::string name;  ///< PCI address
  std::string port;  ///< `share.name` of its port.
  std::string class_name;
  Rate rate;
  /// All that are may be allocated at once, so a server without counters is told of these alone.
  bool is_planned = true;
  bool is_usable = true;  ///< A lane can be made of it. Without: no claim comes to it.
  std::string network;    ///< Of lanes that name none.

  friend bool operator==(const ClaimVf&, const ClaimVf&) = default;
};

/// What a node has for claims, in any order.
struct ClaimNode {
  std::string name;
  std::string uid;     ///< Of the Node object, which is to own the slices; empty: without owner.
  std::string domain;  ///< The driver's name: "sluice.dev".
  std::vector<ClaimPort> ports;
  std::vector<ClaimVf> vfs;
  std::map<std::string, int> most;  ///< By class: so many VFs of it on the node, if bounded.

  friend bool operator==(const ClaimNode&, const ClaimNode&) = default;
};

}  // namespace sluice::dra
