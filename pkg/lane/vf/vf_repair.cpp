#include "pkg/lane/vf/vf_repair.h"

#include <algorithm>

#include "pkg/bandwidth/rate_plan.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {
namespace {

bool is_watched(const LaneRecord& lane) {
  return lane.provider == kVfProvider && lane.phase == Phase::attached;
}

std::vector<VfRate> written_rates(const PortRecord& port) {
  std::vector<VfRate> written;
  if (capability_of(port.driver).ceiling == CeilingEnforcement::none) return written;
  for (const LaneRecord& lane : port.lanes) {
    if (is_watched(lane)) written.push_back({.vf = lane.number, .rate = lane.in_force});
  }
  return written;
}

// Rates that are another than was written, what is lowered first. What is not known is left out.
std::vector<RateDrift> known_drifts(const PortRecord& port, const VfList& reported) {
  std::vector<RateDrift> drifts = find_drift(written_rates(port), reported);
  std::erase_if(drifts, [](const RateDrift& drift) { return !drift.found; });
  std::vector<RateUpdate> updates;
  updates.reserve(drifts.size());
  for (const RateDrift& drift : drifts) {
    updates.push_back({.before = drift.found, .after = drift.expected});
  }
  std::vector<RateDrift> ordered;
  for (const std::size_t i : write_order(updates)) ordered.push_back(drifts[i]);
  return ordered;
}

// The settings besides the rate that the lane's VF has otherwise, in the order of writing.
std::vector<VfDifference> changed_settings(const PortRecord& port, const LaneRecord& lane,
                                           const VfInfo& found) {
  VfSettings expected = known_of(settings_of(port, lane), found);
  expected.rate.reset();
  std::vector<VfDifference> changed;
  for (const VfSettings& part : one_by_one(expected)) {
    for (VfDifference& each : differences(part, found)) changed.push_back(std::move(each));
  }
  return changed;
}

std::string failure_of(const Result<>& done) {
  return done ? "" : done.error().message();
}

std::vector<LaneRepair> mend_rates(VfProvider& provider, const PortRecord& port,
                                   const VfList& reported) {
  std::vector<LaneRepair> repairs;
  for (const RateDrift& drift : known_drifts(port, reported)) {
    const auto lane =
        std::find_if(port.lanes.begin(), port.lanes.end(), [&](const LaneRecord& candidate) {
          return is_watched(candidate) && candidate.number == drift.vf;
        });
    const Result<> done = provider.set_rate(port, *lane, drift.expected);
    repairs.push_back({*lane, "rate", to_string(drift), failure_of(done)});
  }
  return repairs;
}

}  // namespace

bool any_watched(const PortRecord& port) {
  return std::any_of(port.lanes.begin(), port.lanes.end(), is_watched);
}

bool VfRepair::is_in_order(const PortRecord& port, const VfList& reported) const {
  return known_drifts(port, reported).empty() && find_misset(port, reported).empty();
}

std::vector<LaneRepair> VfRepair::mend(VfProvider& provider, const PortRecord& port,
                                       const VfList& reported) {
  std::vector<LaneRepair> repairs = mend_rates(provider, port, reported);
  for (LaneRepair& repair : mend_settings(provider, port, reported)) {
    repairs.push_back(std::move(repair));
  }
  return repairs;
}

std::vector<VfRepair::Misset> VfRepair::find_misset(const PortRecord& port,
                                                    const VfList& reported) const {
  std::vector<Misset> all;
  if (!capability_of(port.driver).vf_settings) return all;
  for (const LaneRecord& lane : port.lanes) {
    const VfInfo* const found = is_watched(lane) ? reported.find(lane.number) : nullptr;
    if (found == nullptr) continue;
    for (VfDifference& difference : changed_settings(port, lane, *found)) {
      if (is_refused(port, lane, difference.part)) continue;
      all.push_back({lane, std::move(difference)});
    }
  }
  return all;
}

bool VfRepair::is_refused(const PortRecord& port, const LaneRecord& lane,
                          const VfSettings& part) const {
  const auto refused = refused_.find(port.port);
  return refused != refused_.end() && is_among(part, refused->second) &&
         !is_among(part, lane.settings);
}

std::vector<LaneRepair> VfRepair::mend_settings(VfProvider& provider, const PortRecord& port,
                                                const VfList& reported) {
  std::vector<LaneRepair> repairs;
  for (const auto& [lane, difference] : find_misset(port, reported)) {
    const auto& [part, what, expected, found] = difference;
    const Result<> done = provider.set_again(port, lane, part);
    const bool is_refusal = !done && done.error().code() == Code::unsupported;
    if (is_refusal && !is_among(part, lane.settings)) {
      merge(refused_[port.port], part);
      continue;
    }
    repairs.push_back(
        {lane, what,
         fmt::format("VF {}: {} {} written, {} found", lane.number, what, expected, found),
         failure_of(done)});
  }
  return repairs;
}

}  // namespace sluice
