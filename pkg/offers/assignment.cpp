#include "pkg/offers/assignment.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "pkg/placement/rank.h"

namespace sluice {

Assignment::Assignment(const Candidates& candidates, Blocked blocked)
    : candidates_(&candidates),
      blocked_(blocked),
      totals_(candidates.input().classes.size()),
      numa_(candidates.numa_nodes(), std::vector<int>(totals_.size())) {
  for (const PortCandidates& port : candidates.ports()) {
    const std::size_t vfs = port.selected.size();
    PortState state{.free = port.port->bandwidth - port.port->outside,
                    .taken = std::vector<bool>(vfs),
                    .owner = std::vector<int>(vfs, kNoClass),
                    .counts = std::vector<int>(totals_.size()),
                    .next = std::vector<std::size_t>(totals_.size()),
                    .candidates = std::vector<int>(totals_.size())};
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      const auto& order = port.classes[i].order;
      state.candidates[i] = static_cast<int>(std::count_if(
          order.begin(), order.end(), [&](std::size_t vf) { return can_be_given(port, vf); }));
    }
    ports_.push_back(std::move(state));
  }
}

bool Assignment::can_be_given(const PortCandidates& port, std::size_t vf) const {
  return blocked_ == Blocked::usable || port.port->vfs[vf].use == VfUse::usable;
}

void Assignment::take(VfPlace place, int class_index, BitRate promise) {
  const PortCandidates& candidates = candidates_->ports()[place.port];
  PortState& port = ports_[place.port];
  if (port.taken[place.vf]) return;
  port.taken[place.vf] = true;
  port.owner[place.vf] = class_index;
  port.free = port.free - promise;
  if (can_be_given(candidates, place.vf) && candidates.port->vfs[place.vf].use != VfUse::foreign) {
    for (ClassSet left = candidates.selected[place.vf]; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      if (candidates.classes[i].served) --port.candidates[i];
    }
  }
  if (class_index == kNoClass) return;
  const auto i = static_cast<std::size_t>(class_index);
  ++port.counts[i];
  ++totals_[i];
  ++numa_[candidates.numa][i];
}

void Assignment::pin(VfPlace place, int class_index, BitRate promise) {
  take(place, class_index, promise);
}

bool Assignment::keep(VfPlace place, int class_index) {
  const PortCandidates& candidates = candidates_->ports()[place.port];
  const auto i = static_cast<std::size_t>(class_index);
  const bool selected = (candidates.selected[place.vf] >> i & 1U) != 0;
  if (!selected || !candidates.classes[i].served) return false;
  if (candidates.port->vfs[place.vf].use == VfUse::foreign || is_taken(place)) return false;
  if (candidates.classes[i].promise > ports_[place.port].free) return false;
  take(place, class_index, candidates.classes[i].promise);
  return true;
}

bool Assignment::fits(std::size_t port, std::size_t class_index) const {
  const ClassOnPort& on_port = candidates_->ports()[port].classes[class_index];
  return on_port.served && ports_[port].candidates[class_index] > 0 &&
         on_port.promise <= ports_[port].free;
}

// Only where it fits, so that there is one.
std::size_t Assignment::best_vf(std::size_t port, std::size_t class_index) {
  const PortCandidates& candidates = candidates_->ports()[port];
  const std::vector<std::size_t>& order = candidates.classes[class_index].order;
  std::size_t& next = ports_[port].next[class_index];
  while (ports_[port].taken[order[next]] || !can_be_given(candidates, order[next])) ++next;
  return order[next];
}

std::optional<std::size_t> Assignment::best_port(std::size_t class_index) {
  std::optional<std::size_t> best;
  PortRank best_rank;
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (!fits(port, class_index)) continue;
    const PortCandidates& candidates = candidates_->ports()[port];
    const auto free = static_cast<std::int64_t>(ports_[port].free.as_bits_per_second());
    const PortRank rank{.rivals = candidates.rivals[best_vf(port, class_index)],
                        .against_node = numa_[candidates.numa][class_index],
                        .against_port = ports_[port].counts[class_index],
                        .left = {.left = free, .of = 1}};
    if (best && rank >= best_rank) continue;
    best = port;
    best_rank = rank;
  }
  return best;
}

int Assignment::placeable(std::size_t class_index) const {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint16_t>::max();  // VFs of a port.
  std::uint64_t sum = 0;
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (!fits(port, class_index)) continue;
    const BitRate promise = candidates_->ports()[port].classes[class_index].promise;
    const auto vfs = static_cast<std::uint64_t>(ports_[port].candidates[class_index]);
    const std::uint64_t room =
        promise.is_zero() ? kMost
                          : ports_[port].free.as_bits_per_second() / promise.as_bits_per_second();
    sum += std::min(vfs, room);
  }
  return static_cast<int>(sum);
}

bool Assignment::goes_before(std::size_t a, std::size_t b) const {
  const auto& classes = candidates_->input().classes;
  // (offers + 1) / weight, without dividing.
  const std::int64_t left = (totals_[a] + std::int64_t{1}) * classes[b].weight;
  const std::int64_t right = (totals_[b] + std::int64_t{1}) * classes[a].weight;
  if (left != right) return left < right;
  return classes[a].rate.floor > classes[b].rate.floor;
}

std::optional<std::size_t> Assignment::next_below(const std::vector<int>& least,
                                                  const std::vector<int>& bounds,
                                                  const std::vector<bool>& out) const {
  std::optional<std::size_t> best;
  int best_slack = 0;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const int missing = std::min(least[i], bounds[i]) - totals_[i];
    if (missing <= 0 || out[i]) continue;
    int slack = placeable(i) - missing;
    if (slack < 0) slack = std::numeric_limits<int>::max();  // Lost: spoil no other one's.
    if (best && (slack > best_slack || (slack == best_slack && !goes_before(i, *best)))) continue;
    best = i;
    best_slack = slack;
  }
  return best;
}

std::optional<std::size_t> Assignment::next_by_weight(const std::vector<int>& bounds,
                                                      const std::vector<bool>& out) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    if (out[i] || totals_[i] >= bounds[i]) continue;
    if (!best || goes_before(i, *best)) best = i;
  }
  return best;
}

void Assignment::fill(const std::vector<int>& bounds) {
  const OfferInput& input = candidates_->input();
  std::vector<int> minima;
  std::vector<int> wanted;
  minima.reserve(totals_.size());
  wanted.reserve(totals_.size());
  for (const ClassRule& rule : input.classes) {
    const auto wish = input.wanted.find(rule.name);
    minima.push_back(rule.min);
    wanted.push_back(wish == input.wanted.end() ? 0 : wish->second);
  }
  std::vector<bool> out(totals_.size());
  for (;;) {
    auto next = next_below(minima, bounds, out);
    if (!next) next = next_below(wanted, bounds, out);
    if (!next) next = next_by_weight(bounds, out);
    if (!next) return;
    const auto port = best_port(*next);
    if (!port) {
      out[*next] = true;  // For good: room never comes back.
      continue;
    }
    const BitRate promise = candidates_->ports()[*port].classes[*next].promise;
    take({*port, best_vf(*port, *next)}, static_cast<int>(*next), promise);
  }
}

}  // namespace sluice
