#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

/// Why the port's VFs cannot be used yet, VF by VF; empty when all can. A VF needs its driver and
/// link, and an RDMA device where the port has one and the VF has the port's driver (on other NICs
/// VFs have none: ice's, for one). Pure.
std::string not_usable_yet(const Port& port);

/// Waits until all VFs of the port can be used: drivers make links and RDMA devices after the write
/// of sriov_numvfs has returned. Returns the port as it then is. Does not wait for drivers where
/// sriov_drivers_autoprobe keeps them away. timed_out with what is missing; not_found when the port
/// vanishes.
Result<Port> wait_until_usable(const Dir& sysfs, const Port& port, const Deadline& deadline,
                               const Progress& progress);

/// Waits until the port has carrier again: making VFs takes it away for seconds on some ports
/// (igb_sriov_reinit, ixgbe_sriov_reinit, i40e's reset), and without it there are no rates. False
/// when it has none after kCarrierTimeout, or after `deadline`; not_found when the port vanishes.
Result<bool> wait_for_carrier(const Dir& sysfs, const Port& port, const Deadline& deadline,
                              const Progress& progress);

/// Longer than autonegotiation and link training take: 1000BASE-T up to 4 s, SFP+ and QSFP ports
/// 10 s and more.
inline constexpr std::chrono::seconds kCarrierTimeout{30};

}  // namespace sluice
