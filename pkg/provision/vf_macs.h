#pragma once

#include <optional>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

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
