#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/result.h"
#include "pkg/fs/dir.h"

namespace sluice {

/// What sysfs says of one PCI function, a fact a call. `device` is the function's own
/// directory. Errors are those of Dir; a fact that is absent is empty or nullopt.

/// An RDMA device and the character devices through which programs use it.
struct RdmaNames {
  std::string device;                     ///< "mlx5_3"; empty when there is none.
  std::vector<std::string> char_devices;  ///< "uverbs3", "umad3": nodes below /dev/infiniband.

  friend bool operator==(const RdmaNames&, const RdmaNames&) = default;
};

/// The path below a sysfs root of the function's directory.
std::string device_path(PciAddress address);

/// The function's own directory. not_found when there is no such device.
Result<Dir> open_device(const Dir& sysfs, PciAddress address);

/// Name of the driver bound to it; empty when none is.
Result<std::string> driver_of(const Dir& device);

/// The number in the function's file `name`, "vendor" or "device": "0x15b3". 0 when absent.
Result<std::uint16_t> pci_id(const Dir& device, const char* name);

/// Its link in the network namespace from which this sysfs was mounted: of several the one that is
/// not a representor (no phys_port_name, or an uplink's "p0"), with the least dev_port. Empty when
/// it has none there. A single link is taken as it is. Knows virtio's layout, where links hang
/// below the virtio device.
Result<std::string> link_of(const Dir& device, const std::string& driver);

/// The path from `device` to the directory of a link that link_of() found.
Result<std::optional<std::string>> link_path(const Dir& device, const std::string& driver);

/// Whether the function has a link in any namespace: the directory that lists its links is there
/// even when the link is not.
Result<bool> has_net_directory(const Dir& device, const std::string& driver);

/// From infiniband_verbs and infiniband_mad, which show the device in whatever namespace it is.
Result<RdmaNames> rdma_of(const Dir& device);

/// The rate of the wire now: of an Ethernet link from its `speed`, of an InfiniBand port from
/// `rate`. nullopt while the wire is down or the driver does not know. Asks the kernel under RTNL,
/// so do not poll it.
Result<std::optional<BitRate>> line_rate(const Dir& sysfs, PciAddress port);

/// The same for a port whose directory is open; `link` is the path from link_path(), or empty.
Result<std::optional<BitRate>> line_rate_of(const Dir& device, const std::string& link);

/// How often the carrier of the port's link came or went since the link was made. May be polled:
/// unlike line_rate() it takes no lock (net/core/net-sysfs.c carrier_changes_show). nullopt when
/// the port has no link in this namespace.
Result<std::optional<std::uint64_t>> carrier_changes(const Dir& sysfs, PciAddress port);

/// The same for a port whose directory is open; `link` is the path from link_path().
Result<std::optional<std::uint64_t>> carrier_changes_of(const Dir& device, const std::string& link);

}  // namespace sluice
