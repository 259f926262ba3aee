#pragma once

#include <cstdint>

#include "pkg/placement/packing.h"

namespace sluice {

enum class SearchEnd {
  found,
  none,      ///< Proven: no packing exists.
  given_up,  ///< Unknown after the steps allowed.
};

struct SearchResult {
  SearchEnd end = SearchEnd::none;
  Packed packed;            ///< When found.
  std::uint64_t steps = 0;  ///< Choices of how many bundles of a kind go on a port.
};

/// Looks for a packing until one is found, none is left to try, or `most_steps` are done. Pure; the
/// same steps for the same packing.
///
/// Ports are filled one after the other, with the largest bundles that fit first. Every bundle must
/// have a port to go to, and every group no more than one bundle a port. What is left out:
///  - fills that leave room for a bundle which is still to be placed, or in which a bundle could
///    give way to a larger one like it: what fits less is no easier to complete;
///  - of ports that are alike, all but one order of their fills;
///  - rests that were found not to fit on the ports behind, and those that bounds refuse there.
/// Two orders of the ports get half of the steps each: much bandwidth for few VFs first, and little
/// bandwidth first.
SearchResult search(const Packing& packing, std::uint64_t most_steps);

}  // namespace sluice
