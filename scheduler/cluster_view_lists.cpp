#include "scheduler/cluster_view.h"

namespace sluice {

void ClusterView::begin(Listed what) {
  const std::lock_guard lock(mutex_);
  ++list(what).number;
}

void ClusterView::end(Listed what) {
  const std::lock_guard lock(mutex_);
  List& ended = list(what);
  ended.has_ended = true;
  switch (what) {
    case Listed::nodes: return end_nodes(ended.number);
    case Listed::node_lanes: return end_node_lanes(ended.number);
    case Listed::pods: return end_pods(ended.number);
  }
}

bool ClusterView::is_listed(Listed what) const {
  const std::lock_guard lock(mutex_);
  return lists_[static_cast<std::size_t>(what)].has_ended;
}

void ClusterView::end_nodes(std::uint32_t number) {
  std::vector<std::string> gone;
  for (auto& [name, each] : nodes_) {
    if (each.seen == number) continue;
    each.is_there = false;
    gone.push_back(name);
  }
  for (const std::string& name : gone) forget_if_unused(name);
}

void ClusterView::end_node_lanes(std::uint32_t number) {
  std::vector<std::string> gone;
  for (NamedNode& each : nodes_) {
    if (each.second.lanes_seen == number) continue;
    take_lanes_from(each);
    gone.push_back(each.first);
  }
  for (const std::string& name : gone) forget_if_unused(name);
}

void ClusterView::end_pods(std::uint32_t number) {
  std::vector<std::string> gone;
  for (const auto& [uid, pod] : pods_) {
    if (pod.seen != number) gone.push_back(uid);
  }
  for (const std::string& uid : gone) remove(uid);
}

}  // namespace sluice
