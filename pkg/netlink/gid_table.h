#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/netlink/rdma_devices.h"

namespace sluice {

/// The GID tables of all ports of an RDMA device, as `sysfs` has them, without unused entries. 64
/// of those in a row count as a table's end. not_found when the device is not there. Thread-safe.
Result<std::vector<Gid>> read_gids(const Dir& sysfs, const std::string& device);

/// The address as GIDs have it: 16 bytes, ::ffff:a.b.c.d for IPv4.
IpAddress as_gid(const IpAddress& address);

}  // namespace sluice
