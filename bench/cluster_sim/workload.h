#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cluster_sim/fleet.h"
#include "pkg/base/result.h"
#include "pkg/placement/pod_ask.h"

namespace sluice::sim {

/// What pods of one sort ask.
struct PodSort {
  std::string name;
  PodAsk ask;
  double part = 0;   ///< Of all pods that come.
  double hours = 0;  ///< Mean of their lives.

  BitRate floors() const;
  BitRate largest_floor() const;
};

using Mix = std::vector<PodSort>;

/// One of the mixes; invalid_argument for another name:
///   "mixed"  from web servers with 1 Gbit/s to trainings with eight lanes of 200 Gbit/s
///   "small"  of those the ones up to 25 Gbit/s a lane
Result<Mix> make_mix(std::string_view name);

/// A pod that comes and, where it is taken, goes. Times in hours.
struct Pod {
  double comes = 0;
  double goes = 0;
  std::size_t sort = 0;
};

struct Workload {
  std::vector<Pod> pods;     ///< By the time they come.
  double measured_from = 0;  ///< Hours; what is before only fills the fleet.
  double ends = 0;
};

struct WorkloadSize {
  double load = 0.9;           ///< Bandwidth asked at any time, as a part of the fleet's.
  std::size_t pods = 100'000;  ///< That come after those of the start.
  std::uint64_t seed = 1;
};

/// At hour 0 as many pods as a fleet without bounds would have, then Poisson arrivals; lives are
/// exponential. The second half of the time is measured. The same for the same seed, whatever
/// policy it is given to.
Workload make_workload(const Fleet& fleet, const Mix& mix, const WorkloadSize& size);

}  // namespace sluice::sim
