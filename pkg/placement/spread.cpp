#include "pkg/placement/spread.h"

#include <algorithm>
#include <utility>

#include "pkg/placement/rank.h"

namespace sluice {
namespace {

/// A port as it fills up.
struct Load {
  std::int64_t free = 0;  // Negative while too much is on it.
  VfSorts vfs;
  std::uint64_t groups = 0;
};

/// What is too much when so much is free.
std::int64_t excess(std::int64_t free) {
  return std::max<std::int64_t>(-free, 0);
}

/// Bundles that go elsewhere: one to another port, or two that change places.
struct Change {
  std::int64_t mends = 0;  // By how much there is less in excess.
  std::size_t bundle = 0;
  std::size_t port = 0;
  std::optional<std::size_t> other;  // Comes back from `port`.
};

class Spreader {
 public:
  Spreader(const Packing& packing, PortSet favoured) : packing_(packing), favoured_(favoured) {
    for (const PackingPort& port : packing.ports) {
      loads_.push_back({.free = static_cast<std::int64_t>(port.free), .vfs = port.vfs});
    }
    for (std::size_t kind = 0; kind < packing.kinds.size(); ++kind) {
      kinds_.insert(kinds_.end(), static_cast<std::size_t>(packing.kinds[kind].count), kind);
    }
  }

  std::optional<Packed> run() && {
    for (std::size_t bundle = 0; bundle < kinds_.size(); ++bundle) {
      const std::optional<std::size_t> port = best_port(packing_.kinds[kinds_[bundle]]);
      if (!port) return std::nullopt;
      ports_.push_back(*port);
      put(bundle, *port);
    }
    // Every change lessens the excess; the bound is for the time it takes.
    constexpr int kMostChanges = 64;
    for (int changes = 0; is_too_full(); ++changes) {
      const Change change = best_change();
      if (change.mends == 0 || changes == kMostChanges) return std::nullopt;
      make(change);
    }
    return packed();
  }

 private:
  std::int64_t promise(std::size_t bundle, std::size_t port) const {
    return static_cast<std::int64_t>(packing_.kinds[kinds_[bundle]].promise[port]);
  }

  /// Where too much is on every port in question, the one that is then exceeded least.
  std::optional<std::size_t> best_port(const BundleKind& kind) const {
    std::optional<std::size_t> best;
    std::pair<std::int64_t, PortRank> best_rank;
    for (std::size_t port = 0; port < loads_.size(); ++port) {
      const Load& load = loads_[port];
      if (!has(kind.ports, port) || !kind.vfs.fits(load.vfs)) continue;
      if ((load.groups & kind.groups) != 0) continue;
      const std::int64_t left = load.free - static_cast<std::int64_t>(kind.promise[port]);
      const PortRank rank{
          .against_node = has(favoured_, port) ? 0 : 1,
          .left = {.left = left, .of = static_cast<std::int64_t>(packing_.ports[port].usable)},
          .vfs = static_cast<std::size_t>(load.vfs.all())};
      std::pair candidate(excess(left), rank);
      if (best && candidate >= best_rank) continue;
      best = port;
      best_rank = candidate;
    }
    return best;
  }

  void put(std::size_t bundle, std::size_t port) {
    const BundleKind& kind = packing_.kinds[kinds_[bundle]];
    loads_[port].free -= promise(bundle, port);
    loads_[port].vfs = loads_[port].vfs - kind.vfs;
    loads_[port].groups |= kind.groups;
    ports_[bundle] = port;
  }

  /// Only of bundles without groups, or for one of the same groups.
  void take(std::size_t bundle) {
    Load& load = loads_[ports_[bundle]];
    load.free += promise(bundle, ports_[bundle]);
    load.vfs += packing_.kinds[kinds_[bundle]].vfs;
  }

  bool is_too_full() const {
    return std::any_of(loads_.begin(), loads_.end(), [](const Load& l) { return l.free < 0; });
  }

  void make(const Change& change) {
    const std::size_t from = ports_[change.bundle];
    take(change.bundle);
    if (change.other) take(*change.other);
    put(change.bundle, change.port);
    if (change.other) put(*change.other, from);
  }

  /// For the fullest port; only where it lets something go to one that is not full.
  Change best_change() const {
    Change best;
    const auto fullest = std::ranges::min_element(loads_, {}, &Load::free) - loads_.begin();
    for (std::size_t bundle = 0; bundle < kinds_.size(); ++bundle) {
      if (ports_[bundle] != static_cast<std::size_t>(fullest)) continue;
      try_moves(bundle, best);
      for (std::size_t other = 0; other < kinds_.size(); ++other) {
        if (loads_[ports_[other]].free > 0) try_exchange(bundle, other, best);
      }
    }
    return best;
  }

  void try_moves(std::size_t bundle, Change& best) const {
    const BundleKind& kind = packing_.kinds[kinds_[bundle]];
    const Load& from = loads_[ports_[bundle]];
    const std::int64_t before = excess(from.free);
    if (kind.groups != 0) return;
    for (std::size_t port = 0; port < loads_.size(); ++port) {
      const Load& to = loads_[port];
      if (!has(kind.ports, port) || to.free <= 0 || !kind.vfs.fits(to.vfs)) continue;
      const std::int64_t mends = before + excess(to.free) -
                                 excess(from.free + promise(bundle, ports_[bundle])) -
                                 excess(to.free - promise(bundle, port));
      if (mends > best.mends) best = {.mends = mends, .bundle = bundle, .port = port, .other = {}};
    }
  }

  void try_exchange(std::size_t bundle, std::size_t other, Change& best) const {
    if (kinds_[bundle] == kinds_[other]) return;
    const BundleKind& mine = packing_.kinds[kinds_[bundle]];
    const BundleKind& theirs = packing_.kinds[kinds_[other]];
    const std::size_t here = ports_[bundle];
    const std::size_t there = ports_[other];
    if (mine.groups != theirs.groups || !has(mine.ports, there) || !has(theirs.ports, here)) return;
    if (!mine.vfs.fits(loads_[there].vfs + theirs.vfs)) return;
    if (!theirs.vfs.fits(loads_[here].vfs + mine.vfs)) return;
    const std::int64_t mends =
        excess(loads_[here].free) + excess(loads_[there].free) -
        excess(loads_[here].free + promise(bundle, here) - promise(other, here)) -
        excess(loads_[there].free + promise(other, there) - promise(bundle, there));
    if (mends > best.mends) best = {mends, bundle, there, other};
  }

  Packed packed() const {
    Packed all(loads_.size());
    for (std::size_t bundle = 0; bundle < kinds_.size(); ++bundle) {
      ++all[ports_[bundle]][kinds_[bundle]];
    }
    return all;
  }

  const Packing& packing_;
  PortSet favoured_;
  std::vector<Load> loads_;
  std::vector<std::size_t> kinds_;  // By bundle.
  std::vector<std::size_t> ports_;  // By bundle.
};

}  // namespace

std::optional<Packed> spread(const Packing& packing, PortSet favoured) {
  return Spreader(packing, favoured).run();
}

}  // namespace sluice
