#pragma once

#include <optional>

#include "pkg/placement/packing.h"

namespace sluice {

/// What there is too little of.
enum class Scarce {
  room_on_a_port,  ///< No port has room for a single bundle of the kind.
  vfs,             ///< With a link; in lanes.
  vfio_vfs,        ///< Bound to vfio-pci; in lanes.
  bandwidth,       ///< In bit/s.
  large_rooms,     ///< In bundles at least as large as the kind's.
  ports,           ///< In bundles of a group.
};

/// A proof that there is no packing: bundles that can be on some ports only, and more than those
/// ports have room for.
struct Shortage {
  Scarce of = Scarce::vfs;
  std::size_t kind = 0;
  KindSet kinds = 0;
  PortSet ports = 0;
  std::uint64_t asked = 0;
  std::uint64_t room = 0;
};

/// Conditions that every packing meets, for all ports first and then for fewer. nullopt proves
/// nothing. Pure.
std::optional<Shortage> find_shortage(const Packing& packing);

}  // namespace sluice
