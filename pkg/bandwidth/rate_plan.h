#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/bit_rate.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// What a port has to divide among its lanes.
struct PortShare {
  BitRate line_rate;
  BitRate usable;              ///< What may be promised; at most the line rate.
  BitRate promised_elsewhere;  ///< Offers that no lane has taken yet.
};

/// The rate that is to be in force for each lane of a port, in the order of `asked`, so that every
/// lane has its floor whatever the others send. Always whole steps of the driver; zero floors and
/// ceilings are "none" as in Rate. Independent of the lanes' order.
///
///   hardware  what was asked: floor rounded up, ceiling rounded down but never to zero
///   weight    the same with an explicit ceiling for every lane: the usable rate when unlimited
///   emulated  ceilings only: the floor, plus an equal part of what is not promised, at most
///             the lane's own ceiling. They never sum past the usable rate. A lane that has the
///             whole line rate to itself is unlimited.
///   none      0/0
///
/// On emulated ports another lane's arrival never raises a ceiling and its departure never lowers
/// one. Where the line rate fell below the promises, offers that no lane has taken give way first,
/// then floors are cut (floors_in_force()); no ceiling is above what the port carries.
/// invalid_argument for a floor above its ceiling.
Result<std::vector<Rate>> in_force(const DriverCapability& capability, const PortShare& port,
                                   std::span<const Rate> asked);

/// The rate of a VF that no lane uses: 0/0, or a ceiling of the line rate where the driver cannot
/// take back a limit.
Rate released_rate(const DriverCapability& capability, BitRate line_rate);

/// One lane's rate in force before and after; nullopt while the VF is no lane and sends nothing.
struct RateUpdate {
  std::optional<Rate> before;
  std::optional<Rate> after;
};

/// Whether `change` makes the port's sums smaller. Where floors differ they decide, because then
/// they are what the sum is made of; on emulated ports they are always zero.
bool lowers(const RateUpdate& change);

/// The order in which to write `changes` (indices into it) so that the sum of floors, and on
/// emulated ports the sum of ceilings, is after every single write no larger than the larger of
/// the two ends': departures and reductions first, then increases and arrivals. Unchanged lanes are
/// left out. Stable: equal steps stay in the order given.
std::vector<std::size_t> write_order(std::span<const RateUpdate> changes);

}  // namespace sluice
