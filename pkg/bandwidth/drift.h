#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A rate that was written to a VF, or that differs from the one that was.
struct VfRate {
  int vf = 0;
  Rate rate;

  friend bool operator==(const VfRate&, const VfRate&) = default;
};

/// A VF whose rate is not, or not known to be, what was written.
struct RateDrift {
  int vf = 0;
  Rate expected;
  /// nullopt: unknown. The list was cut short or the driver did not report the VF's rate; that
  /// proves nothing, so it is no reason to repair.
  std::optional<Rate> found;

  friend bool operator==(const RateDrift&, const RateDrift&) = default;
};

/// Compares what was written with what the kernel reports, in the order of `written`; empty when
/// all is as it should be. VFs that are only in `reported` are not looked at.
std::vector<RateDrift> find_drift(std::span<const VfRate> written, const VfList& reported);

/// "VF 3: floor 1 Gbit/s and ceiling 2 Gbit/s written, no floor and no ceiling found".
std::string to_string(const RateDrift& drift);

}  // namespace sluice
