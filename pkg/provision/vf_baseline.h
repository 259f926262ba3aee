#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/links.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

/// What a free VF of the port has: no rates, no VLAN, trust off, link state automatic, spoof check
/// as given. Settings that the port's driver cannot have are not among it, and where it cannot take
/// a rate back "none" is the line rate. Pure.
VfSettings baseline_of(const Port& port, bool spoofchk);

/// What has to be set to bring a VF to baseline: only what differs, and nothing that the driver
/// does not report. Pure.
VfSettings baseline_difference(const VfInfo& vf, const VfSettings& baseline);

struct BaselineRequest {
  bool spoofchk = true;
  bool fresh = false;              ///< The VFs were just made: their driver may be resetting them.
  std::vector<UnresetVf> unreset;  ///< What releases had to leave.
  Deadline deadline;
};

/// What became of a port's VFs.
struct Baseline {
  int changed = 0;                 ///< VFs that are now otherwise than before.
  int macs = 0;                    ///< VFs whose MAC the port was told.
  std::vector<int> unlisted;       ///< VFs that the kernel omitted; their settings are unknown.
  std::vector<std::string> notes;  ///< What the driver cannot do, or not now.
  std::vector<UnresetVf> unreset;  ///< What the port has still to take.
};

/// Brings all VFs of the port to baseline and reads them back: one list of the port, a request for
/// each VF that differs, and another list when there was one. A VF whose port must know its MAC, or
/// whose link has none, is given one (pkg/lane/vf/given_mac.h).
///
/// What the driver cannot do is a note; a rate that it does not take back for now (no carrier, say)
/// is a note and remembered. Any other refusal is the failure it says; internal when a setting did
/// not take. VFs that the kernel leaves out of its list (VfList) are not touched, but named in the
/// answer.
Result<Baseline> prepare_baseline(Links& links, const Port& port, const BaselineRequest& request);

/// "settings unknown, for the kernel lists 4 of 6 VFs: not 4, 5". Pure.
std::string unlisted_note(const std::vector<int>& unlisted, std::size_t vfs);

}  // namespace sluice
