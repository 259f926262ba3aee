#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pkg/placement/packing.h"

namespace sluice {

// The inside of search(): the ports in the order in which they are filled, and what is known of
// them before any is.

enum class PortOrder {
  most_bandwidth_a_vf_first,  ///< Large bundles meet ports with few VFs: for when VFs are short.
  least_bandwidth_first,      ///< Ports that are hard to fill come first.
};

struct Level {
  std::size_t port = 0;
  std::uint64_t free = 0;  ///< What can be filled, in bit/s.
  VfSorts vfs;             ///< No more than there are lanes.
  KindSet takes = 0;       ///< Kinds that could be here.
  bool repeats = false;    ///< In all that counts the port of the level before.
  PortSet behind = 0;      ///< Ports of later levels.
  PortSet unlike = 0;      ///< Those of them that are not like this one.
  std::uint64_t free_behind = 0;
  VfSorts vfs_behind;
  std::array<std::uint64_t, kMostLanes> promise = {};  ///< By kind.

  // Bounds by kind, for this level and those behind. `alone`: bundles of the kind, had it all room.
  // `first`: bundles of this kind and those before it. `capped`: bit/s that can be carried where a
  // bundle counts for no more than this kind's least promise for each of its VFs.
  std::array<std::uint64_t, kMostLanes> alone = {};
  std::array<std::uint64_t, kMostLanes> first = {};
  std::array<std::uint64_t, kMostLanes> capped = {};
  /// By SearchOrder::narrow: free bandwidth of this level and those behind on the ports of the set.
  std::vector<std::uint64_t> free_within;
};

/// Kinds that can be nowhere else than on some of the ports.
struct NarrowKinds {
  PortSet ports = 0;
  KindSet kinds = 0;
};

struct SearchOrder {
  std::vector<Level> levels;  ///< Without ports that no kind can use.
  std::vector<NarrowKinds> narrow;
};

SearchOrder search_order(const Packing& packing, PortOrder order);

}  // namespace sluice
