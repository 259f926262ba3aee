#pragma once

#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// The port's link as the kernel has it now. busy when another device's link has its name: a rename
/// in between would have us write to another port.
Result<Link> uplink_of(Links& links, const Port& port);

}  // namespace sluice
