// A life for each kind of rate. Rates are small: what other lanes of the port have is theirs.
#include <algorithm>
#include <string_view>

#include "ctl/doctor/frames.h"
#include "ctl/doctor/steps.h"

namespace sluice {
namespace {

/// The smallest rate that every part of the way can keep and that can still be measured.
BitRate small_rate(const DriverCapability& capability) {
  constexpr BitRate kMeasurable = BitRate::mbps(10);
  return std::max(kMeasurable, capability.least).rounded_up(capability.step);
}

std::string describe(const Rate& rate) {
  const auto word = [](BitRate part) { return part.is_zero() ? "none" : to_string(part); };
  return fmt::format("floor {}, ceiling {}", word(rate.floor), word(rate.ceiling));
}

// How a floor is kept where the driver has ceilings only.
std::string_view by_ceilings(const Trial& trial, const Lane& lane) {
  const bool emulated = trial.subject().capability.floor == FloorEnforcement::emulated;
  if (!emulated || lane.record.asked.floor.is_zero()) return {};
  return lane.record.in_force == Rate{} ? "; alone on its port it needs no limit"
                                        : "; floors are kept by ceilings";
}

/// check() compares the rate in force with what the kernel reports.
Finding read_back(Trial& trial, const Lane& lane) {
  if (const Result<> same = trial.check(); !same) {
    return {Verdict::not_kept, same.error().message()};
  }
  return {Verdict::kept,
          fmt::format("in force: {}{}", describe(lane.record.in_force), by_ceilings(trial, lane))};
}

Finding measure_ceiling(Trial& trial, const Lane& lane) {
  if (!trial.frames_pass) {
    return {Verdict::untried, "frames of the VF do not arrive at its port, so none can be counted"};
  }
  Result<FramePath> path = open_path(trial);
  if (!path) return {Verdict::untried, path.error().message()};
  const Result<Throughput> measured = measure(*path, trial.times().measure);
  if (!measured) return {Verdict::untried, measured.error().message()};
  return judge_throughput(*measured, lane.record.in_force.ceiling);
}

}  // namespace

Finding try_ceiling(Trial& trial) {
  LaneRequest request = trial.request();
  request.ceiling = small_rate(trial.subject().capability);
  return trial.live(request, [&trial](const Lane& lane) { return read_back(trial, lane); });
}

Finding try_shaping(Trial& trial) {
  LaneRequest request = trial.request();
  request.ceiling = small_rate(trial.subject().capability);
  return trial.live(request, [&trial](const Lane& lane) { return measure_ceiling(trial, lane); });
}

Finding try_floor(Trial& trial) {
  LaneRequest request = trial.request();
  request.floor = small_rate(trial.subject().capability);
  return trial.live(request, [&trial](const Lane& lane) { return read_back(trial, lane); });
}

}  // namespace sluice
