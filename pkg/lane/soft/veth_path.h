#pragma once

#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// A veth lane's way to the uplink and back, both on ingress so that no bridge is needed: what the
/// pod sends enters `host_end` and leaves through the uplink, past its HTB tree; what the uplink
/// receives for `mac`, and a copy of every broadcast and multicast, leaves through `host_end`.
struct VethPath {
  int uplink = 0;
  int host_end = 0;
  int lane = 0;
  MacAddress mac;
};

/// Lays the path. already_exists when the uplink has an ingress qdisc that is no plain `ingress`.
Result<> lay(TrafficControl& traffic_control, const VethPath& path);

/// Takes the uplink's half away; the other half goes with the host end. Success when it is gone.
/// The uplink's ingress qdisc goes with its last filter.
Result<> take_up(TrafficControl& traffic_control, int uplink, int lane);

}  // namespace sluice
