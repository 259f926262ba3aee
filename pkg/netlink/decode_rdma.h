#pragma once

#include <optional>

#include "pkg/netlink/message.h"
#include "pkg/netlink/rdma_devices.h"

namespace sluice {

/// Readers of what follows the header of NLDEV answers (rdma/rdma_netlink.h), which is attributes
/// only. Pure; nullopt where what makes the value is missing or cut short.

/// RDMA_NLDEV_CMD_GET: needs index and name.
std::optional<RdmaDevice> decode_rdma_device(Bytes payload);

/// RDMA_NLDEV_CMD_SYS_GET
std::optional<RdmaNetnsMode> decode_rdma_netns_mode(Bytes payload);

/// RDMA_NLDEV_CMD_GET_CHARDEV: needs name and number.
std::optional<RdmaCharDevice> decode_rdma_char_device(Bytes payload);

/// RDMA_NLDEV_CMD_PORT_GET: the index of the port's link, which the kernel only gives to sockets of
/// the namespace the link is in.
std::optional<int> decode_rdma_port_link(Bytes payload);

}  // namespace sluice
