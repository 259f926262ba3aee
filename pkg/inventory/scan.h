#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// A link in a namespace other than the one a scan sees.
struct AwayLink {
  std::string parent_device;  ///< IFLA_PARENT_DEV_NAME: "0000:3b:02.0"; "virtio4" for virtio.
  std::string name;
  std::uint64_t netns_cookie = 0;
};

/// Finds those links of `parent_devices` that are in other namespaces; leaves out what it does not
/// find. find_away_links() is the real one.
using AwayLinkFinder =
    std::function<Result<std::vector<AwayLink>>(const std::vector<std::string>& parent_devices)>;

/// All SR-IOV ports of network class (Ethernet and InfiniBand) below the sysfs root and their VFs,
/// with what sysfs knows: everything but the eswitch mode, and the links of VFs in pods, for which
/// `find_away` is asked once, when there are any and it is not empty.
///
/// Counts VFs by their links, for a read of sriov_numvfs blocks while VFs are being made. A port or
/// VF that vanishes meanwhile is left out; a port that cannot be read is a problem of the
/// inventory. An Error only when the PCI bus itself cannot be listed, or `find_away` failed. 1,024
/// VFs with RDMA devices take 20 to 30 ms on a tree of files (bench/scan.cpp); 50 ms is the budget.
Result<Inventory> scan(const Dir& sysfs, const AwayLinkFinder& find_away = {});

/// One port as it is now; nullopt when there is no such SR-IOV network port (any more).
Result<std::optional<Port>> scan_port(const Dir& sysfs, PciAddress address);

}  // namespace sluice
