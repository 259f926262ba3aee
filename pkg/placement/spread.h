#pragma once

#include <optional>

#include "pkg/placement/packing.h"

namespace sluice {

/// Places the bundles one by one, largest first, each on the best port that has room for it (as
/// PortRank says; ports of `favoured` before others, of ports alike the first). Where one finds no
/// room, bundles are moved and exchanged between ports, always where that mends most, until all
/// fit. nullopt when they do not: there may be a packing nevertheless. Pure.
std::optional<Packed> spread(const Packing& packing, PortSet favoured);

}  // namespace sluice
