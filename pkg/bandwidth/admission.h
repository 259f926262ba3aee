#pragma once

#include <string>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/bit_rate.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// A port's bandwidth as the ledger sees it.
struct PortBudget {
  std::string port;   ///< As messages name it: "0000:3b:00.0", or the uplink's name.
  BitRate line_rate;  ///< Zero while the port has no carrier.
  BitRate usable;     ///< What may be promised; at most the line rate.
  /// What is promised already (sum of effective_promise() over offers and over lanes outside
  /// offers). Above `usable` after the line rate fell.
  BitRate promised;
};

/// exhausted while more is promised on the port than its wire carries, which is so after its line
/// rate fell: "port 0000:3b:00.0: 80 Gbit/s are promised, its line rate is 25 Gbit/s". No lane is
/// admitted then, not even one that was offered before. An unknown line rate proves nothing.
Result<> check_carries(const PortBudget& budget);

/// The sum promised once `promise` is granted too. exhausted when the port cannot carry it: "port
/// 0000:3b:00.0: 40 Gbit/s of 100 Gbit/s free, 50 Gbit/s asked". The caller records the answer.
Result<BitRate> admit(const PortBudget& budget, BitRate promise);

/// What a lane with `floor` costs on a port: the floor rounded up to the driver's step. On an
/// `emulated` port even a lane without a floor costs the smallest ceiling the driver has, because a
/// ceiling of zero would be no limit. Zero on a `none` port.
BitRate effective_promise(const DriverCapability& capability, BitRate floor);

/// Whether the port can give a lane the rate `asked`; to be called before anything is touched.
/// `line_rate` is zero while unknown (no carrier). Messages don't name the port: add it as context.
///
///   invalid_argument  floor above ceiling, either above the line rate or the driver's own bound, a
///                     ceiling the driver cannot set, no step between floor and ceiling
///   unsupported       a floor or a ceiling where the driver has none; a line rate at which the
///                     driver does not limit
///   busy              no carrier, where the line rate must be known to judge or to set the rate
Result<> validate(const DriverCapability& capability, BitRate line_rate, Rate asked);

}  // namespace sluice
