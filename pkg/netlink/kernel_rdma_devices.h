#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/fs/dir.h"
#include "pkg/netlink/netns.h"
#include "pkg/netlink/rdma_devices.h"
#include "pkg/netlink/socket.h"

namespace sluice {

/// RDMA devices by NETLINK_RDMA, client NLDEV (rdma/rdma_netlink.h), through one socket inside the
/// namespace; usable from any thread, by one at a time.
class KernelRdmaDevices final : public RdmaDevices {
 public:
  /// Looks at `netns`, which it keeps alive; succeeds where the kernel has no RDMA.
  static Result<KernelRdmaDevices> open(const NetNs& netns);

  Result<std::vector<RdmaDevice>> list() override;
  Result<RdmaNetnsMode> netns_mode() override;
  Result<std::optional<RdmaCharDevice>> char_device(std::uint32_t index,
                                                    const std::string& type) override;
  Result<std::optional<int>> link_of(std::uint32_t index) override;

  /// Read from the namespace's sysfs, mounted for this object at the first call. Netlink has no
  /// GIDs, and UVERBS_METHOD_QUERY_GID_TABLE wants the device opened and a context allocated in its
  /// hardware.
  Result<std::vector<Gid>> gids(const std::string& device) override;

  /// Makes a thread: the kernel compares the namespaces of the socket and of the sending thread
  /// with the device's (rdma_dev_change_netns, drivers/infiniband/core/device.c).
  Result<> move_to(std::uint32_t index, const NetNs& target) override;

 private:
  KernelRdmaDevices(NetNs netns, std::optional<Socket> socket)
      : netns_(std::move(netns)), socket_(std::move(socket)) {}

  Result<> require_rdma(const std::string& attempt) const;

  NetNs netns_;
  std::optional<Socket> socket_;  // nullopt: the kernel has no RDMA.
  std::optional<Dir> sysfs_;      // nullopt: GIDs were not asked for.
};

}  // namespace sluice
