#include "pkg/placement/packing.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace sluice {

std::uint64_t BundleKind::least_promise() const {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t port = 0; port < promise.size(); ++port) {
    if (has(ports, port)) least = std::min(least, promise[port]);
  }
  return ports == 0 ? 0 : least;
}

bool BundleKind::can_stand_for(const BundleKind& other) const {
  return vfs == other.vfs && groups == other.groups && (ports & ~other.ports) == 0;
}

bool BundleKind::costs_no_less(const BundleKind& other) const {
  for (std::size_t port = 0; port < promise.size(); ++port) {
    if (has(ports, port) && promise[port] < other.promise[port]) return false;
  }
  return true;
}

Packing Packing::within(PortSet part) const {
  Packing packing = *this;
  for (BundleKind& kind : packing.kinds) kind.ports &= part;
  return packing;
}

std::uint64_t Packing::fillable(std::size_t port) const {
  std::uint64_t unit = 0;
  for (const BundleKind& kind : kinds) {
    if (has(kind.ports, port)) unit = std::gcd(unit, kind.promise[port]);
  }
  return unit == 0 ? ports[port].free : ports[port].free - ports[port].free % unit;
}

VfSorts Packing::asked_vfs() const {
  VfSorts all;
  for (const BundleKind& kind : kinds) all += kind.count * kind.vfs;
  return all;
}

bool Packing::is_short_of_vfs() const {
  const VfSorts asked = asked_vfs();
  VfSorts vfs;
  for (const PackingPort& port : ports) vfs += least_of(port.vfs, asked);
  return vfs.all() < 2 * asked.all();
}

}  // namespace sluice
