#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/links.h"
#include "pkg/netlink/rdma_devices.h"

namespace sluice {

/// What of an attached lane's VF is in the host's namespace. A firmware reset, health recovery or
/// devlink reload of an mlx5 function makes link and RDMA device again there
/// (mellanox/mlx5/core/main.c mlx5_unload_one), a firmware reset of bnxt the RDMA device alone
/// (hw/bnxt_re/main.c bnxt_re_suspend).
struct AtHome {
  std::optional<Link> link;
  std::string rdma_device;

  Lost lost() const {
    if (link) return Lost::link;
    return rdma_device.empty() ? Lost::nothing : Lost::rdma_device;
  }
};

/// "link", "RDMA device"; for people.
std::string_view label_of(Lost lost);

/// Whether the lane is a VF's, in a pod with a link: others lose nothing.
bool can_lose(const LaneRecord& lane);

/// Looks at a lane that can_lose(). Asks the kernel only where sysfs shows a link of the VF at
/// home: a lane in order costs the read of a directory, and of two more where it has an RDMA device
/// that moved along. `host_devices` are the RDMA devices of the host's namespace.
Result<AtHome> look_at_home(Links& host, const Dir& sysfs,
                            const std::vector<RdmaDevice>& host_devices, const LaneRecord& lane);

}  // namespace sluice
