#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sluice {

// Which port comes first, where several would do: the one rule for offers, for devices that the
// kubelet is to prefer, and for placements.

/// The part of a port's bandwidth that a lane would leave; compared exactly.
struct PartLeft {
  std::int64_t left = 0;  ///< bit/s; negative where more is promised than usable.
  std::int64_t of = 0;  ///< bit/s; zero: nothing is known of it. One for all: `left` alone counts.

  friend std::strong_ordering operator<=>(const PartLeft& a, const PartLeft& b);
  friend bool operator==(const PartLeft& a, const PartLeft& b) { return (a <=> b) == 0; }
};

/// A port as the place of the next lane. Compared member by member, weightiest first; of two the
/// lesser is the better place. Members that do not count where it is used stay as they are.
struct PortRank {
  int rivals = 0;        ///< Others that could use what would be taken.
  int against_node = 0;  ///< How many there are on its NUMA node already, or 1 for a wrong node.
  int against_port = 0;  ///< How many there are on the port already.
  PartLeft left;         ///< More is better.
  std::size_t vfs = 0;   ///< Still free; more is better.

  friend std::strong_ordering operator<=>(const PortRank& a, const PortRank& b);
  friend bool operator==(const PortRank& a, const PortRank& b) { return (a <=> b) == 0; }
};

/// A NUMA node with `free` VFs as the place of `wanted` lanes; of two the lesser is the better: one
/// that has enough, with the fewest to spare, else the one with the most.
inline std::pair<int, std::size_t> node_rank(std::size_t free, std::size_t wanted) {
  return free >= wanted ? std::pair(0, free - wanted) : std::pair(1, wanted - free);
}

}  // namespace sluice
