#include "scheduler/demand.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace sluice {
namespace {

/// A node while waiting pods are given to it.
class Candidate {
 public:
  explicit Candidate(const ClassNode& node) : node_(node) {
    for (const auto& [name, offered] : node.offered) {
      free_[name] = std::max(0, offered - count_of(node.held, name));
    }
  }

  /// So many free offers would have to change their class for the pod; nullopt where they cannot.
  std::optional<int> moves_for(const ClassLanes& pod) const {
    int moves = 0;
    for (const auto& [name, count] : pod) {
      const auto free = free_.find(name);
      if (free == free_.end()) return std::nullopt;
      moves += std::max(0, count - free->second);
    }
    if (moves > spare_for(pod)) return std::nullopt;
    return moves;
  }

  int spare_for(const ClassLanes& pod) const {
    int spare = 0;
    for (const auto& [name, free] : free_) spare += pod.count(name) == 0 ? free : 0;
    return spare;
  }

  bool is_wished(const ClassLanes& pod) const {
    return std::any_of(pod.begin(), pod.end(),
                       [this](const auto& each) { return count_of(node_.wishes, each.first) > 0; });
  }

  void give(const ClassLanes& pod) {
    for (const auto& [name, count] : pod) {
      int& free = free_[name];
      for (int moves = count - free; moves > 0; --moves) --most_free_beside(pod);
      free = std::max(0, free - count);
      waiting_[name] += count;
    }
  }

  /// With what pods have of the classes already.
  ClassLanes wishes() const {
    ClassLanes wishes;
    for (const auto& [name, count] : waiting_) wishes[name] = count_of(node_.held, name) + count;
    return wishes;
  }

  const std::string& name() const { return node_.name; }

 private:
  int& most_free_beside(const ClassLanes& pod) {
    int* most = nullptr;
    for (auto& [name, free] : free_) {
      if (pod.count(name) == 0 && (most == nullptr || free > *most)) most = &free;
    }
    return *most;  // moves_for() has found enough.
  }

  const ClassNode& node_;
  ClassLanes free_;
  ClassLanes waiting_;
};

Candidate* best_for(const ClassLanes& pod, std::vector<Candidate>& candidates) {
  Candidate* best = nullptr;
  std::tuple<int, bool, int> best_cost;
  for (Candidate& candidate : candidates) {
    const std::optional<int> moves = candidate.moves_for(pod);
    if (!moves) continue;
    const std::tuple cost{*moves, !candidate.is_wished(pod), -candidate.spare_for(pod)};
    if (best != nullptr && cost >= best_cost) continue;
    best = &candidate;
    best_cost = cost;
  }
  return best;
}

}  // namespace

std::map<std::string, ClassLanes> wishes_for(std::span<const ClassLanes> waiting,
                                             std::span<const ClassNode> nodes) {
  std::vector<Candidate> candidates;
  candidates.reserve(nodes.size());
  for (const ClassNode& node : nodes) candidates.emplace_back(node);
  for (const ClassLanes& pod : waiting) {
    Candidate* const best = best_for(pod, candidates);
    if (best != nullptr) best->give(pod);
  }
  std::map<std::string, ClassLanes> wishes;
  for (const Candidate& candidate : candidates) {
    ClassLanes of_node = candidate.wishes();
    if (!of_node.empty()) wishes.emplace(candidate.name(), std::move(of_node));
  }
  return wishes;
}

}  // namespace sluice
