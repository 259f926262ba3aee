#include "scheduler/cluster_view.h"

#include <algorithm>
#include <utility>

#include "pkg/annotations/placement_annotation.h"
#include "pkg/placement/place.h"

namespace sluice {
namespace {

/// As the binding says; nothing where it does not, until the node's agent says what the pod holds.
PodPlacement placement_of(const PodFacts& pod) {
  const auto text = pod.annotations.find(std::string(kPlacementAnnotation));
  if (text == pod.annotations.end()) return {};
  return decode_placement(text->second).value_or(PodPlacement());
}

/// An order is kept while no more than one of so many nodes are elsewhere: some were left out or
/// came.
constexpr std::size_t kFewOutOfOrder = 8;

}  // namespace

void ClusterView::set_node(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Node& of = node(name).second;
  of.is_there = true;
  of.seen = list(Listed::nodes).number;
}

void ClusterView::drop_node(const std::string& name) {
  const std::lock_guard lock(mutex_);
  node(name).second.is_there = false;
  forget_if_unused(name);
}

void ClusterView::set_node_lanes(const std::string& name, const Result<NodeLanes>& lanes) {
  const std::lock_guard lock(mutex_);
  NamedNode& named = node(name);
  Node& of = named.second;
  of.lanes_seen = list(Listed::node_lanes).number;
  auto published = lanes ? std::optional(published_node(*lanes)) : std::nullopt;
  std::string unreadable = lanes ? "" : lanes.error().message();
  if (published == of.published && unreadable == of.unreadable) return;
  publish(named, std::move(published));
  of.unreadable = std::move(unreadable);
}

void ClusterView::drop_node_lanes(const std::string& name) {
  const std::lock_guard lock(mutex_);
  take_lanes_from(node(name));
  forget_if_unused(name);
}

void ClusterView::set_pod(const PodFacts& pod) {
  const std::lock_guard lock(mutex_);
  if (pod.is_over) return remove(pod.uid);
  if (pod.node.empty()) {
    // Older than a bind that is under way or done.
    const auto known = pods_.find(pod.uid);
    if (known != pods_.end()) known->second.seen = list(Listed::pods).number;
    return;
  }
  PodPlacement lanes = placement_of(pod);
  if (lanes.empty() && pod.classes.empty()) return remove(pod.uid);
  put(pod, node(pod.node), std::move(lanes));
  binds_.erase(pod.uid);
}

void ClusterView::drop_pod(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  remove(uid);
}

std::vector<ClusterView::NodeRef> ClusterView::look_up(std::span<const std::string_view> names) {
  std::vector<NodeRef> refs(names.size());
  std::vector<NamedNode*> found(names.size());
  const std::lock_guard lock(mutex_);
  std::size_t place = 0;
  std::size_t out_of_order = 0;
  for (std::size_t i = 0; i < names.size(); ++i, ++place) {
    found[i] = order_.at(place, names[i]);
    if (found[i] == nullptr) {
      ++out_of_order;
      found[i] = find(names[i]);
      if (found[i] == nullptr) continue;
      place = found[i]->second.place;  // Those between were left out.
    }
    Node& of = found[i]->second;
    if (!of.is_there) continue;
    refs[i] = {.number = of.number, .version = of.version != 0 ? of.version : state_of(of).version};
  }
  if (out_of_order > names.size() / kFewOutOfOrder) remember_order(names, found);
  return refs;
}

std::shared_ptr<const NodeState> ClusterView::state(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto named = nodes_.find(name);
  if (named == nodes_.end() || !named->second.is_there) return nullptr;
  static_cast<void>(state_of(named->second));
  return named->second.state;
}

bool ClusterView::counts_pod(const std::string& uid) const {
  const std::lock_guard lock(mutex_);
  return pods_.find(uid) != pods_.end();
}

Result<PodPlacement> ClusterView::assume(const PodFacts& pod, const std::string& name,
                                         const PodAsk& ask) {
  const std::lock_guard lock(mutex_);
  const auto named = nodes_.find(name);
  if (named == nodes_.end() || !named->second.is_there) {
    return Error(Code::not_found, fmt::format("node {} is not there", name));
  }
  TRY(check_unbound(pod.uid));
  const NodeState& state = state_of(named->second);
  if (!state.refusal.empty()) return Error(Code::exhausted, state.refusal);
  const Placement placement = TRY(place(state.ports, ask));
  PodPlacement lanes;
  lanes.reserve(placement.size());
  for (std::size_t lane = 0; lane < placement.size(); ++lane) {
    lanes.push_back({.port = state.ports[placement[lane]].name,
                     .rate = ask.lanes[lane].rate,
                     .vfio = ask.lanes[lane].vfio});
  }
  put(pod, *named, lanes);
  binds_[pod.uid] = {.name_space = pod.name_space, .name = pod.name};
  return lanes;
}

Result<> ClusterView::check_unbound(const std::string& uid) const {
  const auto known = pods_.find(uid);
  if (known == pods_.end() || known->second.lanes.empty()) return {};
  const std::string& node = known->second.node->first;
  const auto bind = binds_.find(uid);
  if (bind == binds_.end() || bind->second.standing == Bind::Standing::done) {
    return Error(Code::already_exists, fmt::format("the pod is bound to node {}", node));
  }
  return Error(Code::busy,
               bind->second.standing == Bind::Standing::under_way
                   ? fmt::format("the pod is being bound to node {}", node)
                   : fmt::format("it is not known yet whether the pod is bound to node {}", node));
}

void ClusterView::confirm(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  const auto bind = binds_.find(uid);
  if (bind != binds_.end()) bind->second.standing = Bind::Standing::done;
}

void ClusterView::undo(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  if (binds_.count(uid) != 0) remove(uid);
}

void ClusterView::doubt(const std::string& uid, Time until) {
  const std::lock_guard lock(mutex_);
  const auto bind = binds_.find(uid);
  if (bind == binds_.end()) return;
  bind->second.standing = Bind::Standing::doubtful;
  bind->second.doubtful_until = until;
}

std::vector<ClusterView::Doubt> ClusterView::doubts(Time now) const {
  std::vector<Doubt> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [uid, bind] : binds_) {
    if (bind.standing != Bind::Standing::doubtful || now < bind.doubtful_until) continue;
    found.push_back({.uid = uid, .name_space = bind.name_space, .name = bind.name});
  }
  return found;
}

bool ClusterView::has_doubts() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(binds_.begin(), binds_.end(),
                     [](const auto& each) { return each.second.standing != Bind::Standing::done; });
}

ClusterView::Counts ClusterView::counts() {
  const std::lock_guard lock(mutex_);
  Counts counts{.pods = pods_.size(), .assumed = binds_.size()};
  for (auto& [name, each] : nodes_) {
    if (!each.is_there) continue;
    ++counts.nodes;
    if (state_of(each).refusal.empty()) ++counts.usable_nodes;
  }
  for (const auto& [uid, bind] : binds_) {
    if (bind.standing == Bind::Standing::doubtful) ++counts.doubtful;
  }
  return counts;
}

/// Also of a node that only a pod or NodeLanes speak of as yet.
ClusterView::NamedNode& ClusterView::node(const std::string& name) {
  const auto [named, is_new] = nodes_.try_emplace(name);
  if (!is_new) return *named;
  named->second.number = nodes_.size() - 1;
  if (!free_numbers_.empty()) {
    named->second.number = free_numbers_.back();
    free_numbers_.pop_back();
  }
  return *named;
}

/// nullptr: none.
ClusterView::NamedNode* ClusterView::find(std::string_view name) {
  const auto named = nodes_.find(name);
  return named == nodes_.end() ? nullptr : &*named;
}

void ClusterView::remember_order(std::span<const std::string_view> names,
                                 std::span<NamedNode* const> found) {
  order_.set(names, found);
  for (std::size_t place = 0; place < found.size(); ++place) {
    if (found[place] != nullptr) found[place]->second.place = place;
  }
}

void ClusterView::forget_if_unused(const std::string& name) {
  const auto named = nodes_.find(name);
  if (named == nodes_.end()) return;
  const Node& of = named->second;
  if (of.is_there || of.published || !of.unreadable.empty() || !of.pods.empty()) return;
  free_numbers_.push_back(of.number);
  order_.clear();
  nodes_.erase(named);
}

void ClusterView::publish(NamedNode& named, std::optional<PublishedNode> published) {
  Node& of = named.second;
  of.published = std::move(published);
  of.version = 0;
  if (of.published && !of.published->wishes.empty()) {
    wished_.insert(&named);
  } else {
    wished_.erase(&named);
  }
}

void ClusterView::take_lanes_from(NamedNode& named) {
  publish(named, std::nullopt);
  named.second.unreadable.clear();
}

const NodeState& ClusterView::state_of(Node& of) {
  if (of.version != 0) return *of.state;
  NodeState state;
  if (of.published) {
    state = state_with(*of.published, of.pods);
  } else {
    state.refusal = of.unreadable.empty()
                        ? "the node has no NodeLanes: no agent has said what it can give"
                        : "its NodeLanes cannot be read: " + of.unreadable;
  }
  state.number = of.number;
  state.version = ++versions_;
  of.version = state.version;
  of.state = std::make_shared<const NodeState>(std::move(state));
  return *of.state;
}

/// Pods change all the time; what they hold does not.
void ClusterView::put(const PodFacts& facts, NamedNode& of, PodPlacement lanes) {
  const auto [slot, is_new] = pods_.try_emplace(facts.uid);
  Pod& pod = slot->second;
  pod.uid = slot->first;
  pod.seen = list(Listed::pods).number;
  if (pod.node == &of && pod.lanes == lanes && pod.classes == facts.classes) return;
  if (!is_new) take_from_node(pod, &of);
  pod.lanes = std::move(lanes);
  pod.classes = facts.classes;
  pod.node = &of;
  of.second.pods.push_back(&pod);
  of.second.version = 0;
}

void ClusterView::remove(const std::string& uid) {
  const auto pod = pods_.find(uid);
  if (pod == pods_.end()) return;
  take_from_node(pod->second, nullptr);
  pods_.erase(pod);
  binds_.erase(uid);
}

/// What the pod has of its node is free; the node stays known where it is `kept`.
void ClusterView::take_from_node(const Pod& pod, const NamedNode* kept) {
  NamedNode& of = *pod.node;
  std::erase(of.second.pods, &pod);
  of.second.version = 0;
  if (&of != kept) forget_if_unused(std::string(of.first));
}

}  // namespace sluice
