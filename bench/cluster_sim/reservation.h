#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/cluster_sim/chooser.h"

namespace sluice::sim {

/// When a pod that was given a node counts for the next one's choice.
enum class Counted {
  at_attach,  ///< As in the papers' system, whose only record is what the ports have.
  at_bind,    ///< A reservation.
};

/// Pods that come while others are between choice and attach.
struct Rush {
  const Fleet& fleet;
  const PodSort& sort;  ///< All pods ask the same.
  Contestant contestant;
  Counted counted = Counted::at_bind;
  std::size_t pods = 0;
  double seconds_between = 0;    ///< Mean; 0: all at once.
  double seconds_to_attach = 0;  ///< From the choice of a node.
  double seconds_of_life = 0;    ///< Mean, from the attach; 0: for ever.
  std::uint64_t seed = 1;
};

struct RushOutcome {
  std::size_t pending = 0;   ///< No node had room: they stay Pending, which a scheduler repeats.
  std::size_t attached = 0;  ///< Run.
  std::size_t stuck = 0;     ///< Bound to a node whose ports had no room at attach.
  double overcommitted = 0;  ///< The most bit/s promised above what ports carry, at any time.
};

/// Chooses nodes by what counts then, and attaches each pod later, on what its node's ports have
/// left: where it was counted at bind, as it was placed then, else placed again. A pod that does
/// not fit is stuck, for no scheduler looks at it again.
RushOutcome run_rush(const Rush& rush);

}  // namespace sluice::sim
