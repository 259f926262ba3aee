#include "pkg/bandwidth/drift.h"

#include <fmt/format.h>

namespace sluice {
namespace {

std::string limits(Rate rate) {
  const std::string floor = rate.floor.is_zero() ? "no floor" : "floor " + to_string(rate.floor);
  const std::string ceiling =
      rate.ceiling.is_zero() ? "no ceiling" : "ceiling " + to_string(rate.ceiling);
  return floor + " and " + ceiling;
}

}  // namespace

std::vector<RateDrift> find_drift(std::span<const VfRate> written, const VfList& reported) {
  std::vector<RateDrift> drifts;
  for (const VfRate& lane : written) {
    const VfInfo* const vf = reported.find(lane.vf);
    const std::optional<Rate> found = vf == nullptr ? std::nullopt : vf->rate;
    if (found == lane.rate) continue;
    drifts.push_back({.vf = lane.vf, .expected = lane.rate, .found = found});
  }
  return drifts;
}

std::string to_string(const RateDrift& drift) {
  return fmt::format("VF {}: {} written, {} found", drift.vf, limits(drift.expected),
                     drift.found ? limits(*drift.found) : "nothing");
}

}  // namespace sluice
