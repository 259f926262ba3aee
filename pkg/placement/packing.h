#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "pkg/placement/pod_ask.h"

namespace sluice {

// The inside of place(): its question in numbers alone, and the answer.

/// Ports as bits, by their position.
using PortSet = std::uint64_t;
/// Kinds of bundles as bits, by their position.
using KindSet = std::uint64_t;

constexpr std::size_t kMostPorts = 64;

constexpr std::uint64_t bit(std::size_t position) {
  return std::uint64_t{1} << position;
}

constexpr bool has(std::uint64_t set, std::size_t position) {
  return (set >> position & 1U) != 0;
}

/// VFs by what they are bound to. Each lane takes one of one sort.
struct VfSorts {
  int link = 0;  ///< A driver that makes a link.
  int vfio = 0;  ///< vfio-pci

  int all() const { return link + vfio; }

  bool fits(const VfSorts& room) const { return link <= room.link && vfio <= room.vfio; }

  /// How often these fit into the room; there must be one at least.
  int times_in(const VfSorts& room) const {
    if (vfio == 0) return room.link / link;
    return link == 0 ? room.vfio / vfio : std::min(room.link / link, room.vfio / vfio);
  }

  VfSorts& operator+=(const VfSorts& other) {
    link += other.link;
    vfio += other.vfio;
    return *this;
  }

  friend VfSorts operator+(VfSorts a, const VfSorts& b) { return a += b; }
  friend VfSorts operator*(int count, const VfSorts& each) {
    return {.link = count * each.link, .vfio = count * each.vfio};
  }
  friend VfSorts operator-(const VfSorts& a, const VfSorts& b) { return a + -1 * b; }
  friend bool operator==(const VfSorts&, const VfSorts&) = default;
};

/// By sort.
inline VfSorts least_of(const VfSorts& a, const VfSorts& b) {
  return {.link = std::min(a.link, b.link), .vfio = std::min(a.vfio, b.vfio)};
}

/// Bundles of lanes that nothing below tells apart. Lanes that must share a port are a bundle, any
/// other lane is one by itself.
struct BundleKind {
  int count = 0;
  VfSorts vfs;                         ///< Of each bundle.
  PortSet ports = 0;                   ///< Where one of them could be.
  std::vector<std::uint64_t> promise;  ///< Of each bundle in bit/s, by port.
  std::uint64_t groups = 0;            ///< As bits: on no port are two bundles of one group.

  /// On the port where it costs least.
  std::uint64_t least_promise() const;

  /// Whether a bundle of `other` can give way to one of these, and go where that one was, as far as
  /// bandwidth permits.
  bool can_stand_for(const BundleKind& other) const;

  /// On every port.
  bool costs_no_less(const BundleKind& other) const;

  friend bool operator==(const BundleKind&, const BundleKind&) = default;
};

struct PackingPort {
  std::uint64_t free = 0;    ///< bit/s, at most 2^56.
  std::uint64_t usable = 0;  ///< bit/s
  VfSorts vfs;               ///< None of a sort that no bundle needs.
};

struct Packing {
  std::vector<PackingPort> ports;
  std::vector<BundleKind> kinds;  ///< At most kMostLanes bundles; largest first.

  /// The same question with a part of the ports.
  Packing within(PortSet part) const;

  /// Of all bundles together.
  VfSorts asked_vfs() const;

  /// Of the port's free bandwidth what multiples of its kinds' promises can fill.
  std::uint64_t fillable(std::size_t port) const;

  /// Whether VFs are likely to bind as much as bandwidth does.
  bool is_short_of_vfs() const;
};

/// How many bundles of a kind are on a port: [port][kind].
using Packed = std::vector<std::array<std::uint8_t, kMostLanes>>;

}  // namespace sluice
