#pragma once

#include <optional>

#include "pkg/json/members.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// The members `vlan`, `vlanQoS` and `vlanProto`, which a lane's settings and a node's networks
/// have alike (docs/networks.md); nullopt without `vlan`. What makes no sense is a problem.
std::optional<VlanTag> read_vlan(Members& members);

}  // namespace sluice
