#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/netlink/addresses.h"
#include "pkg/netlink/devlink.h"
#include "pkg/netlink/links.h"
#include "pkg/netlink/netns.h"
#include "pkg/netlink/rdma_devices.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// The node's kernel as a lane sees it: the host's namespace and the way into others. The one
/// object that code above netlink is given; LiveKernel is the real one, FakeKernel (test/fake) the
/// one in memory. Not thread-safe.
class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual const NetNs& host() const = 0;

  /// Links of the host's namespace.
  virtual Links& links() = 0;

  /// RDMA devices of the host's namespace. Like the next two it is owned by this object, never
  /// null, and opened at the first call: most attachments need none of the three.
  virtual Result<RdmaDevices*> rdma() = 0;

  /// Queueing of the links of the host's namespace: only software lanes need it.
  virtual Result<TrafficControl*> traffic_control() = 0;

  /// Devlink of the host's namespace: only ports of drivers with rate leaves need it.
  virtual Result<Devlink*> devlink() = 0;

  /// The namespace at `path`; nullopt when there is none (any more).
  virtual Result<std::optional<NetNs>> find_netns(const std::string& path) = 0;

  /// A namespace other than the host's in which a link of PCI function `parent` is now: of those
  /// at /run/netns and of all processes. Slow (a list of links a namespace): only for links whose
  /// recorded namespace is gone.
  virtual Result<std::optional<NetNs>> find_netns_holding(const std::string& parent_device) = 0;

  virtual Result<std::unique_ptr<Links>> links_in(const NetNs& netns) = 0;

  virtual Result<std::unique_ptr<Addresses>> addresses_in(const NetNs& netns) = 0;

  virtual Result<std::unique_ptr<RdmaDevices>> rdma_in(const NetNs& netns) = 0;
};

}  // namespace sluice
