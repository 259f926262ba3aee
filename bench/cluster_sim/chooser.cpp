#include "bench/cluster_sim/chooser.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sluice::sim {
namespace {

constexpr double kNoRoom = -std::numeric_limits<double>::infinity();
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Scores as they reach the choice.
class Rounder {
 public:
  Rounder(const Resolution& resolution, double worst, double best)
      : resolution_(resolution), worst_(worst), best_(best) {}

  double operator()(double score) const {
    if (resolution_.steps == 0) return score;
    if (best_ == worst_) return 0;
    const double part = (score - worst_) / (best_ - worst_) * resolution_.steps;
    return resolution_.rounding == Rounding::down ? std::floor(part) : std::round(part);
  }

 private:
  const Resolution& resolution_;
  double worst_;
  double best_;
};

}  // namespace

Chooser::Chooser(const Contestant& contestant, const Mix& mix, Cluster& cluster, std::uint64_t seed)
    : contestant_(contestant), mix_(mix), cluster_(cluster), known_(mix.size()), random_(seed) {
  for (Known& known : known_) {
    known.scores.assign(cluster.size(), kNoRoom);
    known.is_changed.assign(cluster.size(), false);
  }
  for (std::size_t node = 0; node < cluster.size(); ++node) changed(node);
}

void Chooser::changed(std::size_t node) {
  for (Known& known : known_) {
    if (known.is_changed[node]) continue;
    known.is_changed[node] = true;
    known.changed.push_back(static_cast<std::uint32_t>(node));
  }
}

void Chooser::bring_up_to_date(std::size_t sort) {
  Known& known = known_[sort];
  for (const std::uint32_t node : known.changed) {
    known.scores[node] = score(sort, node);
    known.is_changed[node] = false;
  }
  known.changed.clear();
}

double Chooser::score(std::size_t sort, std::size_t node) {
  std::vector<double>& by_state = known_[sort].by_state;
  const StateId state = cluster_.state(node);
  if (state >= by_state.size()) by_state.resize(cluster_.states(), kUnknown);
  if (std::isnan(by_state[state])) {
    ++placements_;
    const PodAsk& ask = mix_[sort].ask;
    const std::vector<NodePort>& ports = cluster_.ports(node);
    const std::optional<Placement> placement = contestant_.place_on(ports, ask);
    by_state[state] = placement ? contestant_.score(ports, ask, *placement) : kNoRoom;
  }
  return by_state[state];
}

bool Chooser::fits(std::size_t sort, std::size_t node) {
  bring_up_to_date(sort);
  return known_[sort].scores[node] != kNoRoom;
}

std::optional<std::size_t> Chooser::choose(std::size_t sort, const Resolution& resolution) {
  bring_up_to_date(sort);
  const bool is_exact = resolution.steps == 0 && resolution.sample == 0;
  return is_exact ? best_of_all(known_[sort]) : best_of_sample(known_[sort], resolution);
}

std::optional<std::size_t> Chooser::best_of_all(const Known& known) {
  const double best = *std::max_element(known.scores.begin(), known.scores.end());
  if (best == kNoRoom) return std::nullopt;
  std::size_t chosen = 0;
  const auto equals = std::count(known.scores.begin(), known.scores.end(), best);
  auto left = random_() % static_cast<std::uint64_t>(equals);
  while (known.scores[chosen] != best || left-- > 0) ++chosen;
  return chosen;
}

std::optional<std::size_t> Chooser::best_of_sample(Known& known, const Resolution& resolution) {
  const std::size_t nodes = known.scores.size();
  const std::size_t most = resolution.sample == 0 ? nodes : resolution.sample;
  std::vector<std::size_t> candidates;
  std::size_t looked_at = 0;
  double worst = std::numeric_limits<double>::infinity();
  double best = kNoRoom;
  for (; looked_at < nodes && candidates.size() < most; ++looked_at) {
    const std::size_t node = (known.next + looked_at) % nodes;
    if (known.scores[node] == kNoRoom) continue;
    candidates.push_back(node);
    worst = std::min(worst, known.scores[node]);
    best = std::max(best, known.scores[node]);
  }
  known.next = (known.next + looked_at) % nodes;
  const Rounder rounded(resolution, worst, best);
  std::erase_if(candidates,
                [&](std::size_t node) { return rounded(known.scores[node]) != rounded(best); });
  if (candidates.empty()) return std::nullopt;
  return candidates[random_() % candidates.size()];
}

}  // namespace sluice::sim
