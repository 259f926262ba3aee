#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/base/pci_address.h"
#include "pkg/base/result.h"
#include "pkg/fs/dir.h"

namespace sluice {

/// A VF's port, as far as its bandwidth is concerned.
struct VfPort {
  PciAddress address;
  std::string driver;  ///< Empty when unbound.
  std::uint16_t device_id = 0;
  std::string link;  ///< Empty when it has none in this namespace.
};

/// Where one VF is now. Names are those of this moment: udev renames links and RDMA devices, so
/// keep the addresses and the index.
struct VfLocation {
  PciAddress vf;
  PciAddress port;
  int index = 0;            ///< N of the port's virtfnN: what netlink calls the VF.
  std::string port_driver;  ///< Empty when unbound.
  std::uint16_t port_device_id = 0;
  std::string port_link;    ///< The port's uplink; empty when it has none in this namespace.
  std::string driver;       ///< Empty when unbound.
  std::string link;         ///< Empty when it is in another namespace, or there is none.
  std::string rdma_device;  ///< In whatever namespace; empty when none.
  std::vector<std::string> char_devices;  ///< "uverbs3": nodes below /dev/infiniband.

  friend bool operator==(const VfLocation&, const VfLocation&) = default;
};

/// Reads only the directories of the VF and its port, which makes it fit for the attach path.
/// `sysfs` is the root, and the namespace it was mounted from is the one whose links are seen.
///
/// not_found when there is no such PCI device; invalid_argument when it is not a VF.
Result<VfLocation> locate_vf(const Dir& sysfs, PciAddress vf);

/// The same where the VF's index was known once: looked at first, so that a port with many VFs
/// costs no more than one with few.
Result<VfLocation> locate_vf(const Dir& sysfs, PciAddress vf, int last_index);

/// Its port alone, for a fraction of the reads. The same errors.
Result<VfPort> locate_port_of(const Dir& sysfs, PciAddress vf);

}  // namespace sluice
