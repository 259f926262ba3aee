#pragma once

#include <span>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/bit_rate.h"
#include "pkg/base/rate.h"

namespace sluice {

/// The floors that the lanes of a port have in force, in the order of `asked` and in whole steps of
/// its driver: what they were promised (effective_promise) while that fits into `usable`. When the
/// line rate fell below the promises, each lane keeps the least that the driver can set, and gets
/// of the rest the part that its promise is of all of them; rounded down, so that the sum never
/// passes `usable`, unless the least floors alone do. Pure.
std::vector<BitRate> floors_in_force(const DriverCapability& capability, BitRate usable,
                                     std::span<const Rate> asked);

}  // namespace sluice
