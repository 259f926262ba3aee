#pragma once

#include <optional>

#include "pkg/base/mac_address.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// The MAC of a port's VF where Sluice gives it one: locally administered, unicast, and the same
/// whenever it is asked for. The other 46 bits are a hash of the port's MAC and the VF's number,
/// under which no two inputs collide before the cut from 64 bits: among n VFs of one network two
/// have the same MAC with a probability of about n²/2⁴⁷ (10,000 VFs: 1 in 1.4 million). Pure.
MacAddress given_mac(const MacAddress& port, int vf);

/// The port's MAC that given_mac() takes: the permanent one where the kernel tells it. nullopt
/// where it has none.
std::optional<MacAddress> mac_of_port(const Link& uplink);

}  // namespace sluice
