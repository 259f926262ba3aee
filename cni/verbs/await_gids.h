#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "pkg/netlink/rdma_devices.h"

namespace sluice::cni {

/// The most that an ADD waits for the GIDs of a pod. The kernel takes milliseconds from an address
/// to its GID, a loaded one more.
inline constexpr std::chrono::milliseconds kGidTimeout{1000};

/// A lane whose RDMA device is to have its addresses as GIDs of RoCE v2.
struct AwaitedGids {
  std::string device;
  std::vector<IpAddress> missing;  ///< At first all addresses of the lane.
  std::string problem;             ///< Why the GIDs can't be known; then none counts as missing.
};

/// Returns when no GID is missing, or after `timeout`; `awaited` says what is missing then. Devices
/// of other kinds than RoCE have none to wait for. Nothing fails: see `problem`.
void await_gids(RdmaDevices& rdma, std::span<AwaitedGids> awaited,
                std::chrono::milliseconds timeout = kGidTimeout);

}  // namespace sluice::cni
