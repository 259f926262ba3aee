#pragma once

#include <vector>

#include "pkg/lane/provider.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// What a VF of the port has that nobody uses. The MAC and the link state are only ever set when
/// asked for.
VfSettings baseline_settings(const PortRecord& port);

/// What a lane's VF has: what was asked for, and the port's baseline for the rest; rate included.
VfSettings settings_of(const PortRecord& port, const LaneRecord& lane);

/// `settings` taken apart, in the order in which the kernel applies them. GUIDs are left out.
std::vector<VfSettings> one_by_one(const VfSettings& settings);

/// Whether the only setting of `part` is among `others`, whatever its value there.
bool is_among(const VfSettings& part, const VfSettings& others);

/// What of `expected` the VF has otherwise or, where the driver said nothing, is not known to have.
/// The MAC is not looked at: a pod may change its own.
std::vector<Drift> compare_vf(const VfSettings& expected, const VfInfo& found);

/// `settings` without those that the driver did not report: of them nothing is known.
VfSettings known_of(VfSettings settings, const VfInfo& found);

}  // namespace sluice
