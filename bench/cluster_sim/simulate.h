#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/cluster_sim/bound.h"
#include "bench/cluster_sim/chooser.h"

namespace sluice::sim {

/// What became of a workload under one contestant. Means are over the measured time.
struct Outcome {
  std::vector<std::size_t> came;   ///< By sort, in the measured time.
  std::vector<std::size_t> taken;  ///< By sort, of those.
  Hours served;
  double utilisation = 0;    ///< Mean of promised bandwidth, as a part of the fleet's.
  double overcommitted = 0;  ///< Mean of bit/s promised above what ports carry.
  /// Mean of the free bandwidth that lies on nodes where an asked bit/s cannot have it: for each
  /// sort what is free where it does not fit, weighted by the bandwidth that the sort asks. bit/s.
  double stranded = 0;
  double without_vf = 0;  ///< Mean of free bandwidth on ports that have no free VF. bit/s.
  std::size_t decisions = 0;
  std::uint64_t placements = 0;  ///< How often place() was asked to come to them.
  double seconds = 0;            ///< Of a processor, for all of it.

  double taken_part() const;
};

/// Gives each pod of the workload a node, or refuses it for ever if none has room when it comes.
Outcome simulate(const Fleet& fleet, const Mix& mix, const Workload& workload,
                 const Contestant& contestant, const Resolution& resolution = {});

}  // namespace sluice::sim
