#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/inventory/scan.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

/// The AwayLinkFinder of a live node: lists the links of each namespace that holds one of
/// `parent_devices`. `kernel` must outlive the finder. Slow, as Kernel::find_netns_holding is.
AwayLinkFinder find_away_links(Kernel& kernel);

}  // namespace sluice
