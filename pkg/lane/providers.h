#pragma once

#include "pkg/fs/dir.h"
#include "pkg/lane/provider_set.h"
#include "pkg/ledger/ledger.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

/// All providers there are: VFs and software lanes. All arguments must outlive them. `sysfs` is an
/// open /sys or a tree like it.
ProviderSet providers(Kernel& kernel, const Dir& sysfs, const Ledger& ledger);

}  // namespace sluice
