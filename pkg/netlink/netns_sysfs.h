#pragma once

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/netlink/netns.h"

namespace sluice {

/// sysfs as a process inside `netns` that mounts it sees it: its class/net and class/infiniband. A
/// mounted sysfs keeps showing the namespace that it was mounted in, so this is a read-only mount
/// of its own, at no path, which goes with the Dir. Needs CAP_SYS_ADMIN and Linux 5.2.
Result<Dir> open_sysfs(const NetNs& netns);

}  // namespace sluice
