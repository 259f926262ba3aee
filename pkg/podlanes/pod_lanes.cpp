#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

// Rate, settings and MTU are the grant's, which is looked up when the lane is attached.
Result<PodLane> granted_lane(const Grant& grant, const GrantedVf& granted) {
  PodLane lane{.vf = TRY(PciAddress::parse(granted.vf)),
               .class_name = {},
               .ifname = granted.ifname,
               .grant = grant.name};
  if (!granted.network.empty()) {
    lane.network = LaneNetwork{.name = granted.network, .cni = granted.cni, .mtu = {}};
  }
  return lane;
}

}  // namespace sluice
