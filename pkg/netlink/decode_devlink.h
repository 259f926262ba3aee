#pragma once

#include <cstdint>
#include <optional>

#include "pkg/netlink/devlink.h"
#include "pkg/netlink/message.h"

namespace sluice {

/// Readers of what follows the netlink header of generic netlink answers: a genlmsghdr and
/// attributes. Pure; nullopt where what makes the value is missing or cut short.

/// A rate object and the device it belongs to.
struct RateOfDevice {
  DevlinkDevice device;
  RateObject rate;

  friend bool operator==(const RateOfDevice&, const RateOfDevice&) = default;
};

/// The eswitch port of one VF.
struct VfPort {
  DevlinkDevice device;
  std::uint32_t port = 0;
  int vf = 0;

  friend bool operator==(const VfPort&, const VfPort&) = default;
};

/// CTRL_CMD_GETFAMILY (linux/genetlink.h): the message type of the family.
std::optional<std::uint16_t> decode_family_id(Bytes payload);

/// DEVLINK_CMD_ESWITCH_GET; nullopt also where the driver says no mode. unsupported for a mode that
/// is neither legacy nor switchdev.
Result<std::optional<EswitchMode>> decode_eswitch_mode(Bytes payload);

/// DEVLINK_CMD_RATE_GET: needs the device and either a leaf's port or a node's name.
std::optional<RateOfDevice> decode_rate(Bytes payload);

/// DEVLINK_CMD_PORT_GET; nullopt also for ports of anything but a VF, and of another host's VF
/// (an eswitch on a DPU).
std::optional<VfPort> decode_vf_port(Bytes payload);

}  // namespace sluice
