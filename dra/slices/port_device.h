#pragma once

#include <string>
#include <vector>

#include "dra/slices/attributes.h"
#include "dra/slices/claim_node.h"
#include "pkg/base/result.h"

namespace sluice::dra {

// Names of capacities, which claims repeat letter by letter.
inline constexpr const char* kBandwidth = "bandwidth";  ///< bit/s: the floor of the lane.
inline constexpr const char* kVfs = "vfs";              ///< One for each share.

/// A port as a device that claims share: each share is a lane of a VF. `bandwidth` is in steps of
/// what the driver can set, so that what the scheduler rounds to is what the lane gets; absent
/// where the port keeps no floors.
///
///   not_found    no VF is in the share
///   exhausted    the share has less than the least floor
///   busy, unsupported  no lane can be made at the present line rate
Result<Device> port_device(const ClaimPort& port, const std::string& domain, Omissions& omissions);

/// The attributes of the port that are those of its VFs too.
void add_port_attributes(const ClaimPort& port, Device& device, Omissions& omissions);

/// Keeps claims away for the reason of that name.
Taint no_schedule(const std::string& domain, const char* reason);

/// While claims are to stay away: its link is down, no lane can be made on it, or more is promised
/// than its share has.
std::vector<Taint> taints_of(const ClaimPort& port, const std::string& domain);

}  // namespace sluice::dra
