#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// What has to be set to bring a VF to baseline: no rates, no VLAN, trust off, link state
/// automatic, spoof check as given. Only what differs, and nothing that the driver does not report.
/// Pure.
VfSettings baseline_difference(const VfInfo& vf, bool spoofchk);

/// What became of a port's VFs.
struct Baseline {
  int changed = 0;            ///< VFs that differed.
  std::vector<int> unlisted;  ///< VFs of which the kernel told nothing, so that nobody knows.

  friend bool operator==(const Baseline&, const Baseline&) = default;
};

/// Brings all VFs of the port to baseline and reads them back: one list of the port, a request for
/// each VF that differs, and another list when there was one. internal when a setting did not take.
/// VFs that the kernel leaves out of its list (VfList) are not touched, but named in the answer.
Result<Baseline> prepare_baseline(Links& links, const Port& port, bool spoofchk);

/// "settings unknown, for the kernel lists 4 of 6 VFs: not 4, 5". Pure.
std::string unlisted_note(const std::vector<int>& unlisted, std::size_t vfs);

}  // namespace sluice
