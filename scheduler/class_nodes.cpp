#include <algorithm>

#include "scheduler/cluster_view.h"

namespace sluice {

std::vector<ClassNode> ClusterView::class_nodes(ClassNodes which) const {
  std::vector<ClassNode> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, of] : nodes_) {
    if (!of.is_there || !of.published) continue;
    const PublishedNode& published = *of.published;
    if (published.offered.empty() && published.wishes.empty()) continue;
    if (which == ClassNodes::wished && published.wishes.empty()) continue;
    found.push_back({.name = name,
                     .offered = published.offered,
                     .held = held_by(of.pods),
                     .wishes = published.wishes});
  }
  std::ranges::sort(found, {}, &ClassNode::name);
  return found;
}

ClusterView::ByName<std::shared_ptr<const NodeState>> ClusterView::wished_states() {
  ByName<std::shared_ptr<const NodeState>> states;
  const std::lock_guard lock(mutex_);
  for (NamedNode* const named : wished_) {
    auto& [name, of] = *named;
    if (!of.is_there) continue;
    static_cast<void>(state_of(of));
    states.emplace(name, of.state);
  }
  return states;
}

}  // namespace sluice
