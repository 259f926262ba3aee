#include "pkg/placement/bounds.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

namespace sluice {
namespace {

/// Sets of ports that some kinds cannot leave: theirs, and what those make together; the larger
/// ones first. No more than `kMostSets`, since a bound that is not tried proves nothing.
std::vector<PortSet> port_sets(const Packing& packing) {
  constexpr std::size_t kMostSets = 32;
  std::vector<PortSet> sets;
  const auto add = [&sets](PortSet set) {
    const bool known = std::find(sets.begin(), sets.end(), set) != sets.end();
    if (!known && sets.size() < kMostSets) sets.push_back(set);
  };
  PortSet all = 0;
  for (const BundleKind& kind : packing.kinds) all |= kind.ports;
  add(all);
  for (const BundleKind& kind : packing.kinds) add(kind.ports);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) add(sets[i] | sets[j]);
  }
  std::stable_sort(sets.begin(), sets.end(),
                   [](PortSet a, PortSet b) { return std::popcount(a) > std::popcount(b); });
  return sets;
}

class Bounds {
 public:
  explicit Bounds(const Packing& packing) : packing_(packing) {
    for (const BundleKind& kind : packing.kinds) needs_.push_back(kind.least_promise());
  }

  /// Of one sort.
  std::optional<Shortage> vfs(PortSet ports, Scarce of, int VfSorts::*sort) const {
    Shortage shortage{.of = of, .kinds = kinds_within(ports), .ports = ports};
    for (std::size_t kind = 0; kind < needs_.size(); ++kind) {
      const BundleKind& each = packing_.kinds[kind];
      if (each.vfs.*sort == 0) shortage.kinds &= ~bit(kind);
      if (!has(shortage.kinds, kind)) continue;
      shortage.asked += static_cast<unsigned>(each.count * each.vfs.*sort);
    }
    for (std::size_t port = 0; port < packing_.ports.size(); ++port) {
      if (has(ports, port)) shortage.room += static_cast<unsigned>(packing_.ports[port].vfs.*sort);
    }
    return if_short(shortage);
  }

  std::optional<Shortage> bandwidth(PortSet ports) const {
    Shortage shortage{.of = Scarce::bandwidth, .kinds = kinds_within(ports), .ports = ports};
    for (std::size_t kind = 0; kind < needs_.size(); ++kind) {
      const auto count = static_cast<std::uint64_t>(packing_.kinds[kind].count);
      if (has(shortage.kinds, kind)) shortage.asked += count * needs_[kind];
    }
    for (std::size_t port = 0; port < packing_.ports.size(); ++port) {
      if (has(ports, port)) shortage.room += packing_.ports[port].free;
    }
    return if_short(shortage);
  }

  /// Of the largest kinds together as many as would fit if each were as small as the smallest.
  std::optional<Shortage> large_rooms(PortSet ports) const {
    Shortage shortage{.of = Scarce::large_rooms, .kinds = 0, .ports = ports};
    const KindSet within = kinds_within(ports);
    std::vector<std::uint64_t> least(packing_.ports.size(),
                                     std::numeric_limits<std::uint64_t>::max());
    for (std::size_t kind = 0; kind < needs_.size(); ++kind) {
      const BundleKind& of = packing_.kinds[kind];
      if (!has(within, kind)) continue;
      shortage.kind = kind;
      shortage.kinds |= bit(kind);
      shortage.asked += static_cast<unsigned>(of.count);
      shortage.room = 0;
      for (std::size_t port = 0; port < least.size(); ++port) {
        if (has(of.ports, port)) least[port] = std::min(least[port], of.promise[port]);
        shortage.room += rooms(port, least[port]);
      }
      if (shortage.asked > shortage.room) return shortage;
    }
    return std::nullopt;
  }

  std::optional<Shortage> ports(std::size_t group) const {
    Shortage shortage{.of = Scarce::ports};
    for (std::size_t kind = 0; kind < needs_.size(); ++kind) {
      if (!has(packing_.kinds[kind].groups, group)) continue;
      shortage.kind = kind;
      shortage.kinds |= bit(kind);
      shortage.ports |= packing_.kinds[kind].ports;
      shortage.asked += static_cast<unsigned>(packing_.kinds[kind].count);
    }
    shortage.room = static_cast<unsigned>(std::popcount(shortage.ports));
    return if_short(shortage);
  }

 private:
  static std::optional<Shortage> if_short(const Shortage& shortage) {
    return shortage.asked > shortage.room ? std::optional(shortage) : std::nullopt;
  }

  KindSet kinds_within(PortSet ports) const {
    KindSet kinds = 0;
    for (std::size_t kind = 0; kind < needs_.size(); ++kind) {
      if ((packing_.kinds[kind].ports & ~ports) == 0) kinds |= bit(kind);
    }
    return kinds;
  }

  /// For bundles that cost so much; none where no bundle can be.
  std::uint64_t rooms(std::size_t port, std::uint64_t promise) const {
    const auto vfs = static_cast<std::uint64_t>(packing_.ports[port].vfs.all());
    return promise == 0 ? vfs : std::min(vfs, packing_.ports[port].free / promise);
  }

  const Packing& packing_;
  std::vector<std::uint64_t> needs_;  // By kind.
};

/// A kind for which no port has room.
std::optional<Shortage> find_homeless(const Packing& packing) {
  for (std::size_t kind = 0; kind < packing.kinds.size(); ++kind) {
    if (packing.kinds[kind].ports != 0) continue;
    return Shortage{.of = Scarce::room_on_a_port, .kind = kind, .kinds = bit(kind)};
  }
  return std::nullopt;
}

std::uint64_t groups_of(const Packing& packing) {
  std::uint64_t groups = 0;
  for (const BundleKind& kind : packing.kinds) groups |= kind.groups;
  return groups;
}

}  // namespace

std::optional<Shortage> find_shortage(const Packing& packing) {
  if (auto shortage = find_homeless(packing)) return shortage;
  const Bounds bounds(packing);
  const std::vector<PortSet> sets = port_sets(packing);
  for (const PortSet ports : sets) {
    if (auto shortage = bounds.vfs(ports, Scarce::vfs, &VfSorts::link)) return shortage;
    if (auto shortage = bounds.vfs(ports, Scarce::vfio_vfs, &VfSorts::vfio)) return shortage;
    if (auto shortage = bounds.bandwidth(ports)) return shortage;
  }
  for (const PortSet ports : sets) {
    if (auto shortage = bounds.large_rooms(ports)) return shortage;
  }
  for (std::uint64_t groups = groups_of(packing); groups != 0; groups &= groups - 1) {
    const auto group = static_cast<std::size_t>(std::countr_zero(groups));
    if (auto shortage = bounds.ports(group)) return shortage;
  }
  return std::nullopt;
}

}  // namespace sluice
