#include "pkg/placement/search.h"

#include <algorithm>
#include <bit>
#include <unordered_set>
#include <utility>

#include "pkg/placement/search_levels.h"

namespace sluice {
namespace {

std::size_t first_of(KindSet kinds) {
  return static_cast<std::size_t>(std::countr_zero(kinds));
}

std::size_t last_of(KindSet kinds) {
  return static_cast<std::size_t>(std::bit_width(kinds)) - 1;
}

std::uint64_t times(int count, std::uint64_t each) {
  return static_cast<std::uint64_t>(count) * each;
}

/// What is still to be placed.
struct Rest {
  std::array<int, kMostLanes> count = {};  // By kind.
  KindSet kinds = 0;
  std::uint64_t need = 0;  // The least promises of all.
  VfSorts vfs;
};

/// What is left of the port that is being filled, and what was put on it.
struct Fill {
  std::uint64_t free = 0;
  VfSorts vfs;
  std::uint64_t groups = 0;
  std::uint64_t need = 0;
  VfSorts used_vfs;
};

/// What a port must take over from the rest so that the ports behind can carry what remains.
struct Duty {
  std::uint64_t need = 0;
  VfSorts vfs;
  std::size_t forced = kMostLanes;  // A kind of which one bundle must be here.
  std::size_t lead = kMostLanes;    // The first kind that is here.
  // By kind: of it and those after it, what the port could take if there were room.
  std::array<std::uint64_t, kMostLanes> need_ahead = {};
  std::array<VfSorts, kMostLanes> vfs_ahead = {};
};

class Search {
 public:
  Search(const Packing& packing, PortOrder order, std::uint64_t most_steps)
      : packing_(packing),
        order_(search_order(packing, order)),
        most_steps_(most_steps),
        duties_(order_.levels.size()),
        failed_(order_.levels.size()),
        packed_(packing.ports.size()) {
    int bundles = 0;
    for (std::size_t kind = 0; kind < packing.kinds.size(); ++kind) {
      const BundleKind& of = packing.kinds[kind];
      needs_[kind] = of.least_promise();
      offsets_[kind] = bundles;
      bundles += of.count;
      const std::uint64_t most = *std::ranges::max_element(of.promise);
      for (std::size_t larger = 0; larger < kind; ++larger) {
        const BundleKind& by = packing.kinds[larger];
        const bool costs_no_less = needs_[larger] >= most || by.costs_no_less(of);
        if (by.can_stand_for(of) && costs_no_less) larger_[kind] |= bit(larger);
      }
      is_flat_ = is_flat_ && of.vfs.all() == 1;
      take(kind, -of.count);
    }
  }

  SearchResult run() {
    SearchResult result;
    const bool found = pack(0);
    if (found) result.packed = std::move(packed_);
    const SearchEnd failure = is_over() ? SearchEnd::given_up : SearchEnd::none;
    result.end = found ? SearchEnd::found : failure;
    result.steps = steps_;
    return result;
  }

 private:
  bool is_over() const { return steps_ >= most_steps_; }

  /// Negative: gives back.
  void take(std::size_t kind, int count) {
    rest_.count[kind] -= count;
    rest_.need -= times(count, needs_[kind]);
    rest_.vfs = rest_.vfs - count * packing_.kinds[kind].vfs;
    rest_.kinds = rest_.count[kind] == 0 ? rest_.kinds & ~bit(kind) : rest_.kinds | bit(kind);
  }

  /// The rest as bits, those of a kind side by side: equal for equal rests.
  std::uint64_t state() const {
    std::uint64_t all = 0;
    for (KindSet left = rest_.kinds; left != 0; left &= left - 1) {
      const std::size_t kind = first_of(left);
      all |= (~std::uint64_t{0} >> (kMostLanes - static_cast<std::size_t>(rest_.count[kind])))
             << offsets_[kind];
    }
    return all;
  }

  /// Places the rest on the ports of this level and those behind.
  bool pack(std::size_t at) {
    if (rest_.kinds == 0) return true;
    if (at == order_.levels.size() || !may_fit(order_.levels[at])) return false;
    const std::uint64_t before = state();
    if (failed_[at].contains(before)) return false;
    const Level& level = order_.levels[at];
    const std::size_t from = level.repeats ? duties_[at - 1].lead : 0;
    if (!set_duty(level, from, duties_[at])) return false;
    if (fill(at, from, {.free = level.free, .vfs = level.vfs})) return true;
    if (!is_over()) failed_[at].insert(before);
    return false;
  }

  bool may_fit(const Level& level) const {
    const PortSet ports = level.behind | bit(level.port);
    std::uint64_t bundles = 0;
    std::uint64_t smaller = rest_.need;
    int vfs = 0;
    for (KindSet left = rest_.kinds; left != 0; left &= left - 1) {
      const std::size_t kind = first_of(left);
      const auto count = static_cast<std::uint64_t>(rest_.count[kind]);
      bundles += count;
      smaller -= count * needs_[kind];
      vfs += rest_.count[kind] * packing_.kinds[kind].vfs.all();
      if ((packing_.kinds[kind].ports & ports) == 0) return false;
      if (count > level.alone[kind] || bundles > level.first[kind]) return false;
      if (is_flat_ && times(vfs, needs_[kind]) + smaller > level.capped[kind]) return false;
    }
    return fits_where_it_must(level);
  }

  bool fits_where_it_must(const Level& level) const {
    for (std::size_t i = 0; i < order_.narrow.size(); ++i) {
      std::uint64_t need = 0;
      for (KindSet left = rest_.kinds & order_.narrow[i].kinds; left != 0; left &= left - 1) {
        need += times(rest_.count[first_of(left)], needs_[first_of(left)]);
      }
      if (need > level.free_within[i]) return false;
    }
    return true;
  }

  /// False when it cannot be done.
  bool set_duty(const Level& level, std::size_t from, Duty& duty) const {
    duty.need = rest_.need > level.free_behind ? rest_.need - level.free_behind : 0;
    const VfSorts too_many = rest_.vfs - level.vfs_behind;
    duty.vfs = {.link = std::max(0, too_many.link), .vfio = std::max(0, too_many.vfio)};
    duty.lead = kMostLanes;
    std::uint64_t need = 0;
    VfSorts vfs;
    for (KindSet left = rest_.kinds & level.takes; left != 0; left &= ~bit(last_of(left))) {
      const std::size_t kind = last_of(left);
      need += times(rest_.count[kind], needs_[kind]);
      vfs += rest_.count[kind] * packing_.kinds[kind].vfs;
      duty.need_ahead[kind] = need;
      duty.vfs_ahead[kind] = vfs;
    }
    // Where all ports that a kind could be on are alike, it is on the first of them.
    const std::size_t largest = first_of(rest_.kinds);
    const bool only_here = (packing_.kinds[largest].ports & level.unlike) == 0;
    duty.forced = only_here ? largest : kMostLanes;
    return !only_here || largest >= from;
  }

  bool has_room(const Level& level, std::size_t kind, const Fill& fill) const {
    const BundleKind& of = packing_.kinds[kind];
    return has(level.takes, kind) && level.promise[kind] <= fill.free && of.vfs.fits(fill.vfs) &&
           (of.groups & fill.groups) == 0;
  }

  /// How many bundles of the kind the port has room for.
  int most(const Level& level, std::size_t kind, const Fill& fill) const {
    if (!has_room(level, kind, fill)) return 0;
    const BundleKind& of = packing_.kinds[kind];
    if (of.groups != 0 || rest_.count[kind] == 1) return 1;
    const int count = std::min(rest_.count[kind], of.vfs.times_in(fill.vfs));
    const std::uint64_t promise = level.promise[kind];
    return times(count, promise) <= fill.free ? count : static_cast<int>(fill.free / promise);
  }

  int least(std::size_t at, std::size_t kind) const {
    const bool last_chance = (packing_.kinds[kind].ports & order_.levels[at].behind) == 0;
    if (last_chance) return rest_.count[kind];
    return duties_[at].forced == kind ? 1 : 0;
  }

  bool can_do_duty(const Duty& duty, std::size_t kind, const Fill& fill) const {
    return fill.need + std::min(fill.free, duty.need_ahead[kind]) >= duty.need &&
           duty.vfs.fits(fill.used_vfs + least_of(fill.vfs, duty.vfs_ahead[kind]));
  }

  /// Chooses how many bundles of each kind from `kind` on go on the port, and places the rest.
  bool fill(std::size_t at, std::size_t kind, const Fill& filled) {
    const Level& level = order_.levels[at];
    for (;; ++kind) {
      const KindSet ahead = kind < kMostLanes ? rest_.kinds >> kind << kind : 0;
      if (ahead == 0) return is_worth_it(at, filled) && pack(at + 1);
      kind = first_of(ahead);
      const int room = most(level, kind, filled);
      if (least(at, kind) > room) return false;
      if (room > 0) return can_do_duty(duties_[at], kind, filled) && choose(at, kind, filled);
    }
  }

  bool choose(std::size_t at, std::size_t kind, const Fill& filled) {
    const Level& level = order_.levels[at];
    const BundleKind& of = packing_.kinds[kind];
    const std::size_t lead = duties_[at].lead;
    const int fewest = least(at, kind);
    for (int count = most(level, kind, filled); count >= fewest; --count) {
      if (is_over()) return false;
      ++steps_;
      const Fill next = {.free = filled.free - times(count, level.promise[kind]),
                         .vfs = filled.vfs - count * of.vfs,
                         .groups = count > 0 ? filled.groups | of.groups : filled.groups,
                         .need = filled.need + times(count, needs_[kind]),
                         .used_vfs = filled.used_vfs + count * of.vfs};
      duties_[at].lead = count > 0 ? std::min(lead, kind) : lead;
      packed_[level.port][kind] = static_cast<std::uint8_t>(count);
      take(kind, count);
      if (fill(at, kind + 1, next)) return true;
      take(kind, -count);
    }
    packed_[level.port][kind] = 0;
    duties_[at].lead = lead;
    return false;
  }

  /// False for a fill that some other one makes needless.
  bool is_worth_it(std::size_t at, const Fill& fill) const {
    const Level& level = order_.levels[at];
    const Duty& duty = duties_[at];
    if (fill.need < duty.need || !duty.vfs.fits(fill.used_vfs)) return false;
    for (KindSet left = rest_.kinds & level.takes; left != 0; left &= left - 1) {
      if (has_room(level, first_of(left), fill)) return false;
    }
    for (std::size_t kind = duty.lead; kind < packing_.kinds.size(); ++kind) {
      if (packed_[level.port][kind] == 0) continue;
      const KindSet larger = larger_[kind] & rest_.kinds & level.takes;
      const std::uint64_t room = fill.free + level.promise[kind];
      if (larger != 0 && level.promise[last_of(larger)] <= room) return false;
    }
    return true;
  }

  const Packing& packing_;
  const SearchOrder order_;
  const std::uint64_t most_steps_;
  std::uint64_t steps_ = 0;
  bool is_flat_ = true;                               // Every bundle is one lane.
  std::array<std::uint64_t, kMostLanes> needs_ = {};  // By kind: its least promise.
  std::array<int, kMostLanes> offsets_ = {};          // By kind: in state().
  std::array<KindSet, kMostLanes> larger_ = {};       // By kind: those that can take its place.
  Rest rest_;
  std::vector<Duty> duties_;                               // By level.
  std::vector<std::unordered_set<std::uint64_t>> failed_;  // By level: rests that do not fit.
  Packed packed_;
};

}  // namespace

SearchResult search(const Packing& packing, std::uint64_t most_steps) {
  PortOrder order = packing.is_short_of_vfs() ? PortOrder::most_bandwidth_a_vf_first
                                              : PortOrder::least_bandwidth_first;
  PortOrder other = packing.is_short_of_vfs() ? PortOrder::least_bandwidth_first
                                              : PortOrder::most_bandwidth_a_vf_first;
  SearchResult result;
  // In sixteenths: what one order makes hard is mostly easy in the other, and then at once.
  for (const std::uint64_t share : {1U, 1U, 7U, 7U}) {
    const std::uint64_t before = result.steps;
    result = Search(packing, order, most_steps / 16 * share).run();
    result.steps += before;
    if (result.end != SearchEnd::given_up) break;
    std::swap(order, other);
  }
  return result;
}

}  // namespace sluice
