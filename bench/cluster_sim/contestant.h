#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/cluster_sim/cluster.h"
#include "pkg/base/result.h"
#include "pkg/placement/place.h"
#include "pkg/placement/score.h"

namespace sluice::sim {

/// When a node is held to have room for a pod, and where its lanes go there.
enum class Fit {
  vf_count,   ///< As many free VFs as lanes; bandwidth is not looked at.
  first_fit,  ///< place_as_papers(), asked where place() finds room.
  exact,      ///< place()
};

/// A way to choose a node for a pod.
struct Contestant {
  std::string_view name;
  Fit fit = Fit::exact;
  std::optional<Policy> policy;  ///< nullopt: any node that has room.

  /// nullopt: no room. One with VFs alone counted may overcommit.
  std::optional<Placement> place_on(const std::vector<NodePort>& ports, const PodAsk& ask) const;

  /// The papers' answer depends on how the ports are listed.
  PortOrder order() const {
    return fit == Fit::first_fit ? PortOrder::listed : PortOrder::by_promise;
  }

  double score(const std::vector<NodePort>& ports, const PodAsk& ask,
               const Placement& placement) const;
};

/// "count-only", "papers", "spread", "pack" and "best-suited".
const std::vector<Contestant>& contestants();

/// invalid_argument when there is none of that name.
Result<Contestant> contestant_of(std::string_view name);

/// What the papers' algorithm answered, and how often it looked at a port.
struct PapersAnswer {
  std::optional<Placement> placement;  ///< nullopt: does not fit, or given up.
  std::uint64_t probes = 0;
  bool given_up = false;
};

/// PlacePod of the papers' system (ICNP 2019), as it was published: lanes in order, each on the
/// first port that has a free VF and its floor, back and on where none has. It looks at floors and
/// VFs only. Given up after `most_probes`.
PapersAnswer place_as_papers(const std::vector<NodePort>& ports, const PodAsk& ask,
                             std::uint64_t most_probes);

}  // namespace sluice::sim
