#pragma once

#include <optional>
#include <vector>

#include "agent/vf_count.h"
#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// The MAC of a port's VF where Sluice gives it one: locally administered, unicast, and the same
/// whenever it is asked for. The other 46 bits are a hash of the port's MAC and the VF's number,
/// under which no two inputs collide before the cut from 64 bits: among n VFs of one network two
/// have the same MAC with a probability of about n²/2⁴⁷ (10,000 VFs: 1 in 1.4 million). Pure.
MacAddress given_mac(const MacAddress& port, int vf);

/// Gives MACs to VFs 0 to `count` - 1, which do not exist yet, where the port's driver needs to
/// have them and takes them so early (vf_driver.h): their links, spoof checks and node GUIDs are
/// then right from the first probe. False where it does not; mac_to_give() is for those VFs once
/// they are there.
Result<bool> give_macs(Links& links, const Port& port, int count);

/// The MAC that the port is to be told for a VF that is there, nullopt where it needs none: the
/// link's present one where the driver must always know it, a given one where the link has none.
Result<std::optional<MacAddress>> mac_to_give(Links& links, const Link& uplink, const Port& port,
                                              const VfInfo& vf);

/// Waits until the links of these VFs have a MAC: a driver whose fresh VFs have none looks once a
/// second for the one that the port was told. Returns the VFs that still have none after 3 s, or
/// after `deadline`.
Result<std::vector<int>> wait_for_macs(Links& links, const Port& port, std::vector<int> vfs,
                                       const Deadline& deadline);

}  // namespace sluice
