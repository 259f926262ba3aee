#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/pci_address.h"
#include "pkg/netlink/devlink.h"

namespace sluice {

/// What the wire of a port speaks.
enum class LinkType { unknown, ethernet, infiniband };

/// What can be done with a VF now.
enum class VfState {
  ready,    ///< Driver and link are here: it can be given to a pod, or wait for one.
  away,     ///< Its link is in another network namespace: it is in use.
  unbound,  ///< No driver.
  vfio,     ///< Bound to vfio-pci, for a virtual machine: has no link.
  pending,  ///< Driver, but no link in any namespace (yet): just made, or stuck.
};

enum class PortState {
  ready,    ///< Driver and link are here.
  away,     ///< Its link is in another network namespace: not ours to manage.
  unbound,  ///< No driver.
  no_link,  ///< Driver, but no link.
};

/// A virtual function. Names are those of the moment of the scan; addresses and index identify.
struct Vf {
  PciAddress address;
  int index = 0;  ///< N of virtfnN: what netlink calls it.
  VfState state = VfState::unbound;
  std::string driver;
  std::string link;                ///< Wherever it is, where that is known.
  std::uint64_t netns_cookie = 0;  ///< Namespace of `link` when away; 0 when here or unknown.
  std::string rdma_device;
  std::vector<std::string> char_devices;  ///< "uverbs3": nodes below /dev/infiniband.
  std::string iommu_group;                ///< "12": /dev/vfio/12, while bound to vfio-pci.

  friend bool operator==(const Vf&, const Vf&) = default;
};

/// A physical function that can have VFs.
struct Port {
  PciAddress address;
  PortState state = PortState::unbound;
  std::string driver;
  std::string link;
  std::string bond;  ///< The link's master: a bond, a bridge; empty when none.
  std::uint16_t vendor_id = 0;
  std::uint16_t device_id = 0;
  std::optional<BitRate> line_rate;  ///< nullopt while the wire is down.
  bool carrier = false;
  LinkType link_type = LinkType::unknown;
  std::optional<int> numa_node;  ///< nullopt when firmware gave none; VFs have their port's.
  std::string pcie_root;         ///< "pci0000:3a"; VFs have their port's.
  std::optional<EswitchMode> eswitch_mode;  ///< Not in sysfs: filled by who asks devlink.
  int total_vfs = 0;                        ///< The most it can have.
  std::string rdma_device;
  std::vector<std::string> char_devices;
  std::vector<Vf> vfs;  ///< By index.

  friend bool operator==(const Port&, const Port&) = default;
};

/// The SR-IOV network hardware of a node at one moment.
struct Inventory {
  std::vector<Port> ports;            ///< By address.
  std::vector<std::string> problems;  ///< What could not be read, and why; such ports are left out.

  const Port* find_port(PciAddress address) const;

  friend bool operator==(const Inventory&, const Inventory&) = default;
};

/// "ready", "away", …
std::string_view to_string(VfState state);
std::string_view to_string(PortState state);
std::string_view to_string(LinkType type);
std::string_view to_string(EswitchMode mode);

}  // namespace sluice
