#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/netlink/addresses.h"
#include "pkg/netlink/netns.h"

namespace sluice {

/// Whether RDMA devices belong to one namespace each. `exclusive` can only be chosen before the
/// first namespace exists, so Sluice reads the mode and never sets it.
enum class RdmaNetnsMode { shared, exclusive };

/// An RDMA device as RDMA_NLDEV_CMD_GET describes it.
struct RdmaDevice {
  std::uint32_t index = 0;
  std::string name;      ///< "mlx5_3". Unstable: udev renames it, a move may.
  std::string protocol;  ///< "roce", "ib", "iw"; empty where the kernel said nothing.

  friend bool operator==(const RdmaDevice&, const RdmaDevice&) = default;
};

/// A character device that belongs to an RDMA device. Renumbered by a namespace move.
struct RdmaCharDevice {
  std::string name;  ///< "uverbs1"
  dev_t number = 0;

  friend bool operator==(const RdmaCharDevice&, const RdmaCharDevice&) = default;
};

/// The kernel has one word for InfiniBand and RoCE v1.
enum class GidType { ib_or_roce_v1, roce_v2 };

/// An entry of a port's GID table that is in use.
struct Gid {
  IpAddress address;  ///< 16 bytes; ::ffff:a.b.c.d for IPv4.
  GidType type = GidType::ib_or_roce_v1;
  int port = 1;
  int index = 0;  ///< In the port's table, from 0.

  friend bool operator==(const Gid&, const Gid&) = default;
};

/// The RDMA devices visible in one network namespace. Not thread-safe.
class RdmaDevices {
 public:
  virtual ~RdmaDevices() = default;

  /// Empty where the kernel has no RDMA at all.
  virtual Result<std::vector<RdmaDevice>> list() = 0;

  /// `shared` where the kernel has no RDMA at all.
  virtual Result<RdmaNetnsMode> netns_mode() = 0;

  /// `type` is "uverbs", "umad" or "issm"; nullopt when the device has none of that type.
  virtual Result<std::optional<RdmaCharDevice>> char_device(std::uint32_t index,
                                                            const std::string& type) = 0;

  /// The link of port 1 where it is in this namespace; nullopt otherwise.
  virtual Result<std::optional<int>> link_of(std::uint32_t index) = 0;

  /// GIDs of all ports, by port and index, up to the first 64 unused entries in a row. The kernel
  /// makes those of an address some milliseconds after it was set. not_found when no device of that
  /// name is here.
  virtual Result<std::vector<Gid>> gids(const std::string& device) = 0;

  /// Moves the device out of this namespace. unsupported in shared mode and for drivers that cannot
  /// disassociate their users; not_found when the device is not here.
  virtual Result<> move_to(std::uint32_t index, const NetNs& target) = 0;
};

}  // namespace sluice
