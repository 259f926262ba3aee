#pragma once

#include <string>
#include <vector>

#include "dra/slices/device.h"
#include "pkg/base/rate.h"
#include "pkg/placement/node_ports.h"

namespace sluice::dra {

/// A port with a share for claims. Texts are empty where nothing is known.
struct ClaimPort {
  /// The share: `usable` is what its claims may be promised, `promised` what they are; `driver` is
  /// the row of the capability table, the line rate the last one known.
  NodePort share;
  int vfs = 0;               ///< Of the share, taken or not. None: the port is not published.
  bool carrier = false;      ///< Without: no claim comes to it.
  std::string driver;        ///< As the kernel names it.
  std::string pcie_root;     ///< "pci0000:3a"
  std::string rdma_device;   ///< "mlx5_0"
  std::string eswitch_mode;  ///< "legacy", "switchdev"
  std::string network;       ///< Of lanes that name none.

  friend bool operator==(const ClaimPort&, const ClaimPort&) = default;
};

/// A VF with a fixed rate, for servers that know no shared devices.
struct ClaimVf {
  std::string name;  ///< PCI address
  std::string port;  ///< `share.name` of its port.
  std::string class_name;
  Rate rate;
  Attributes attributes;  ///< Beside those of its port.

  friend bool operator==(const ClaimVf&, const ClaimVf&) = default;
};

/// What a node has for claims, in any order.
struct ClaimNode {
  std::string name;
  std::string uid;     ///< Of the Node object, which is to own the slices; empty: without owner.
  std::string domain;  ///< The driver's name: "sluice.dev".
  std::vector<ClaimPort> ports;
  std::vector<ClaimVf> vfs;

  friend bool operator==(const ClaimNode&, const ClaimNode&) = default;
};

}  // namespace sluice::dra
