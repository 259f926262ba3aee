#include "pkg/placement/search_levels.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// All that tells ports apart, and first what orders them.
using Signature = std::vector<std::uint64_t>;

class Leveller {
 public:
  Leveller(const Packing& packing, PortOrder order)
      : packing_(packing), order_(order), lanes_(packing.asked_vfs()) {
    for (const BundleKind& kind : packing.kinds) {
      any_ |= kind.ports;
      needs_.push_back(kind.least_promise());
    }
  }

  SearchOrder all() const {
    SearchOrder order{.levels = {}, .narrow = narrow()};
    std::vector<std::pair<Signature, std::size_t>> ports;
    for (std::size_t port = 0; port < packing_.ports.size(); ++port) {
      if (has(any_, port)) ports.emplace_back(signature(port), port);
    }
    std::sort(ports.begin(), ports.end());
    for (const auto& [signature, port] : ports) order.levels.push_back(level(port));
    for (std::size_t i = order.levels.size(); i-- > 0;) {
      const bool last = i + 1 == order.levels.size();
      const Level none{.free_within = std::vector<std::uint64_t>(order.narrow.size())};
      order.levels[i].repeats = i > 0 && ports[i - 1].first == ports[i].first;
      for (std::size_t j = i + 1; j < ports.size(); ++j) {
        order.levels[i].behind |= bit(ports[j].second);
        if (ports[j].first != ports[i].first) order.levels[i].unlike |= bit(ports[j].second);
      }
      sum_up(order.narrow, last ? none : order.levels[i + 1], order.levels[i]);
    }
    return order;
  }

 private:
  VfSorts vfs(std::size_t port) const { return least_of(packing_.ports[port].vfs, lanes_); }

  Signature signature(std::size_t port) const {
    const std::uint64_t free = packing_.fillable(port);
    const VfSorts vfs_here = vfs(port);
    const auto divisor = static_cast<std::uint64_t>(std::max(vfs_here.all(), 1));
    const bool by_vf = order_ == PortOrder::most_bandwidth_a_vf_first;
    Signature all;
    all.reserve(packing_.kinds.size() + 4);
    all = {by_vf ? kNever - free / divisor : free, free, divisor,
           static_cast<std::uint64_t>(vfs_here.vfio)};
    for (const BundleKind& kind : packing_.kinds) {
      all.push_back(has(kind.ports, port) ? kind.promise[port] : kNever);
    }
    return all;
  }

  std::vector<NarrowKinds> narrow() const {
    std::vector<NarrowKinds> sets;
    for (const BundleKind& kind : packing_.kinds) {
      const bool known = std::any_of(sets.begin(), sets.end(), [&](const NarrowKinds& set) {
        return set.ports == kind.ports;
      });
      if (kind.ports != any_ && !known) sets.push_back({.ports = kind.ports, .kinds = 0});
    }
    for (NarrowKinds& set : sets) {
      for (std::size_t kind = 0; kind < packing_.kinds.size(); ++kind) {
        if ((packing_.kinds[kind].ports & ~set.ports) == 0) set.kinds |= bit(kind);
      }
    }
    return sets;
  }

  Level level(std::size_t port) const {
    Level level{.port = port, .free = packing_.fillable(port), .vfs = vfs(port)};
    for (std::size_t kind = 0; kind < packing_.kinds.size(); ++kind) {
      if (!has(packing_.kinds[kind].ports, port)) continue;
      level.takes |= bit(kind);
      level.promise[kind] = packing_.kinds[kind].promise[port];
    }
    return level;
  }

  /// Adds the room of `next` and what is behind it.
  void sum_up(const std::vector<NarrowKinds>& narrow, const Level& next, Level& level) const {
    level.free_behind = next.free_behind + next.free;
    level.vfs_behind = next.vfs_behind + next.vfs;
    for (std::size_t i = 0; i < narrow.size(); ++i) {
      const std::uint64_t here = has(narrow[i].ports, level.port) ? level.free : 0;
      level.free_within.push_back(next.free_within[i] + here);
    }
    std::uint64_t least = kNever;
    int least_vfs = kMostLanes;
    for (std::size_t kind = 0; kind < packing_.kinds.size(); ++kind) {
      const BundleKind& of = packing_.kinds[kind];
      if (has(level.takes, kind)) {
        least = std::min(least, level.promise[kind]);
        least_vfs = std::min(least_vfs, of.vfs.all());
        const std::uint64_t most = of.groups == 0 ? kMostLanes : 1;
        level.alone[kind] =
            std::min(most, room(level, level.promise[kind], of.vfs.times_in(level.vfs)));
      }
      if (least != kNever) level.first[kind] = room(level, least, level.vfs.all() / least_vfs);
      level.capped[kind] = capped(level, needs_[kind]);
      level.alone[kind] += next.alone[kind];
      level.first[kind] += next.first[kind];
      level.capped[kind] += next.capped[kind];
    }
  }

  /// For bundles of which the VFs allow so many.
  static std::uint64_t room(const Level& level, std::uint64_t promise, int by_vfs) {
    const auto most = static_cast<std::uint64_t>(by_vfs);
    return promise == 0 ? most : std::min(most, level.free / promise);
  }

  static std::uint64_t capped(const Level& level, std::uint64_t most_a_vf) {
    return std::min(level.free, most_a_vf * static_cast<std::uint64_t>(level.vfs.all()));
  }

  const Packing& packing_;
  PortOrder order_;
  VfSorts lanes_;
  PortSet any_ = 0;
  std::vector<std::uint64_t> needs_;
};

}  // namespace

SearchOrder search_order(const Packing& packing, PortOrder order) {
  return Leveller(packing, order).all();
}

}  // namespace sluice
