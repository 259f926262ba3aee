#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "bench/cluster_sim/cluster.h"
#include "bench/cluster_sim/contestant.h"
#include "bench/cluster_sim/workload.h"

namespace sluice::sim {

/// How a score between two whole numbers becomes one of them.
enum class Rounding { nearest, down };

/// What of the scores reaches the choice, as kube-scheduler has it.
struct Resolution {
  /// Whole numbers from 0 to this one, in proportion between the worst candidate and the best; an
  /// extender has 10. 0: as they are.
  int steps = 0;
  /// Down: only the best candidates get the highest number.
  Rounding rounding = Rounding::nearest;
  /// So many nodes with room are looked at, from where the last pod's search ended
  /// (percentageOfNodesToScore). 0: all.
  std::size_t sample = 0;
};

/// Chooses nodes for pods as one contestant does; of equals any, each as likely.
///
/// Remembers for each sort of pods what it knows of each node, and looks again only at nodes that
/// have changed since a pod of that sort came, and of these only at states not seen before: exact
/// as if every node was placed for every pod.
class Chooser {
 public:
  /// All must outlive this object.
  Chooser(const Contestant& contestant, const Mix& mix, Cluster& cluster, std::uint64_t seed);

  /// Must be told of every node of which something was given or taken.
  void changed(std::size_t node);

  /// nullopt: no node has room.
  std::optional<std::size_t> choose(std::size_t sort, const Resolution& resolution = {});

  /// Whether the pod fits on the node; as of the last change.
  bool fits(std::size_t sort, std::size_t node);

  /// How often a pod was placed on a node to find out.
  std::uint64_t placements() const { return placements_; }

 private:
  struct Known {
    std::vector<double> scores;          // By node; kNoRoom where the pod does not fit.
    std::vector<double> by_state;        // NaN: not seen yet.
    std::vector<std::uint32_t> changed;  // Nodes to look at again.
    std::vector<bool> is_changed;        // By node.
    std::size_t next = 0;                // Where a sample starts.
  };

  void bring_up_to_date(std::size_t sort);
  double score(std::size_t sort, std::size_t node);
  std::optional<std::size_t> best_of_all(const Known& known);
  std::optional<std::size_t> best_of_sample(Known& known, const Resolution& resolution);

  const Contestant& contestant_;
  const Mix& mix_;
  Cluster& cluster_;
  std::vector<Known> known_;  // By sort.
  std::mt19937_64 random_;
  std::uint64_t placements_ = 0;
};

}  // namespace sluice::sim
