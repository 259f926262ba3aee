#pragma once

#include <cstddef>
#include <vector>

#include "bench/cluster_sim/workload.h"

namespace sluice::sim {

/// Integrals over the measured time, so many hours of each.
struct Hours {
  double bandwidth = 0;  ///< bit/s times hours.
  double pods = 0;       ///< Pods times hours.
};

struct Bound {
  Hours asked;           ///< By all pods that would be there if every one was taken.
  double bandwidth = 0;  ///< No policy serves more, in bit/s times hours.
  double pods = 0;       ///< No policy serves more, in pods times hours, whichever it takes.
};

/// What is the most that any policy could serve, even one that knows the future, interrupts pods
/// and moves them: at every moment as many as there are, and the floors and lanes of those fit into
/// sums over ports. The sums: lanes with floors above a rate have only ports that are faster, and
/// pods that ask more than a whole node of some shape have only the others; in bandwidth and in
/// VFs. Lanes may be cut in pieces.
Bound upper_bound(const Fleet& fleet, const Mix& mix, const Workload& workload);

}  // namespace sluice::sim
