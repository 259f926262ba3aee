#pragma once

#include <string_view>

#include "pkg/base/error.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// What a free VF of a port of this driver has (capability_of()), as far as the driver takes
/// it. MAC and link state are not among it: they are only ever set when asked for.
VfSettings baseline_settings(std::string_view driver, bool spoofchk);

/// What a lane's VF has: what was asked for, and the port's baseline for the rest; rate included.
/// Its MAC only where the port is to be told of it along with the rest.
VfSettings settings_of(const PortRecord& port, const LaneRecord& lane);

/// Whether the driver cannot take `part` at all, as far as its answer says. mlx4 answers EPERM to a
/// spoof check without a MAC of the port's (mellanox/mlx4/cmd.c mlx4_set_vf_spoofchk), and old
/// bnxt firmware 524, the kernel's own ENOTSUPP (bnxt_sriov.c bnxt_set_vf_spoofchk).
bool is_unsupported(const VfSettings& part, const Error& error);

}  // namespace sluice
