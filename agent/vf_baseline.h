#pragma once

#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// What has to be set to bring a VF to baseline: no rates, no VLAN, trust off, link state
/// automatic, spoof check as given. Only what differs, and nothing that the driver does not report.
/// Pure.
VfSettings baseline_difference(const VfInfo& vf, bool spoofchk);

/// Brings all VFs of the port to baseline and reads them back: one list of the port, a request for
/// each VF that differs, and another list when there was one. Returns how many differed. internal
/// when a setting did not take. VFs that the kernel leaves out of its list are not looked at.
Result<int> prepare_baseline(Links& links, const Port& port, bool spoofchk);

}  // namespace sluice
