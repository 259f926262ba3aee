#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/annotations/annotations.h"
#include "pkg/base/result.h"
#include "pkg/node_lanes/node_lanes.h"
#include "scheduler/demand.h"
#include "scheduler/last_order.h"
#include "scheduler/node_state.h"
#include "scheduler/pod_facts.h"

namespace sluice {

/// What the view is kept by: one collection of the API each.
enum class Listed { nodes, node_lanes, pods };

/// Which nodes' classes are of interest: all, or those of which something is wished.
enum class ClassNodes { all, wished };

/// The cluster's books: which nodes there are, what they can give to pods, and what live pods have
/// of it; made of what the API says, and of binds that the API has been told and does not show yet.
///
/// What a pod has is replaced, never added twice. A bind counts from the moment it is decided until
/// the API shows the pod bound or gone, or refuses; where its outcome is unknown, until that is
/// settled. Pods that have neither lanes nor classes are not remembered. Thread-safe.
class ClusterView final {
 public:
  using Time = std::chrono::nanoseconds;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  template <typename Value>
  using ByName = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  // What the API says; each collection by one thread.

  /// A list begins: what it does not show is gone when it ends, save binds made since.
  void begin(Listed what);
  void end(Listed what);

  /// Whether such a list has ended.
  bool is_listed(Listed what) const;

  void set_node(const std::string& name);
  void drop_node(const std::string& name);

  /// An error is why the object cannot be read.
  void set_node_lanes(const std::string& node, const Result<NodeLanes>& lanes);
  void drop_node_lanes(const std::string& node);

  void set_pod(const PodFacts& pod);
  void drop_pod(const std::string& uid);

  // Decisions.

  /// A node that was asked for by name.
  struct NodeRef {
    std::size_t number = 0;     ///< NodeState::number
    std::uint64_t version = 0;  ///< That of its state; 0: there is no such node.
  };

  std::vector<NodeRef> look_up(std::span<const std::string_view> names);

  /// nullptr where there is no such node.
  std::shared_ptr<const NodeState> state(std::string_view name);

  /// Of the nodes of which something is wished: those whose NodeState::room counts.
  ByName<std::shared_ptr<const NodeState>> wished_states();

  /// Whether the pod's lanes or classes are counted on a node.
  bool counts_pod(const std::string& uid) const;

  /// Decides where the pod's lanes go on the node and counts them from now on.
  ///
  ///   not_found       there is no such node
  ///   already_exists  the pod is bound
  ///   busy            a bind of the pod is under way, or its outcome is not known yet
  ///   exhausted …     as place() says, or why the node can have no pod with lanes
  Result<PodPlacement> assume(const PodFacts& pod, const std::string& node, const PodAsk& ask);

  /// The API has bound it as assumed.
  void confirm(const std::string& uid);
  /// It was not bound, and will not be.
  void undo(const std::string& uid);
  /// It is not known whether it was; the write cannot happen any more after `until`.
  void doubt(const std::string& uid, Time until);

  struct Doubt {
    std::string uid;
    std::string name_space;
    std::string name;
  };

  /// Those that can be settled at `now` by asking the API for the pod.
  std::vector<Doubt> doubts(Time now) const;
  bool has_doubts() const;

  /// What nodes that are there do with their classes, in the order of their names.
  std::vector<ClassNode> class_nodes(ClassNodes which) const;

  struct Counts {
    std::size_t nodes = 0;
    std::size_t usable_nodes = 0;  ///< They have ports for pods.
    std::size_t pods = 0;          ///< With lanes or classes; those below among them.
    std::size_t assumed = 0;       ///< Not yet shown by the API.
    std::size_t doubtful = 0;
  };

  Counts counts();

 private:
  struct Node;
  using NamedNode = std::pair<const std::string, Node>;

  struct Node {
    std::size_t number = 0;
    std::uint64_t version = 0;  // Of the state; 0 after a change.
    bool is_there = false;
    std::size_t place = 0;  // In order_, if it is there at all.
    std::optional<PublishedNode> published;
    std::string unreadable;  // Why there is nothing published.
    std::vector<const PodHolding*> pods;
    std::shared_ptr<const NodeState> state;  // The last that was made.
    std::uint32_t seen = 0;  // The list that was under way, or the last one; as those below.
    std::uint32_t lanes_seen = 0;
  };

  struct Pod : PodHolding {
    NamedNode* node = nullptr;
    std::uint32_t seen = 0;
  };

  /// A bind that the API does not show yet.
  struct Bind {
    enum class Standing { under_way, done, doubtful };

    Standing standing = Standing::under_way;
    std::string name_space;
    std::string name;
    Time doubtful_until{0};
  };

  struct List {
    std::uint32_t number = 0;
    bool has_ended = false;
  };

  List& list(Listed what) { return lists_[static_cast<std::size_t>(what)]; }
  NamedNode& node(const std::string& name);
  NamedNode* find(std::string_view name);
  void remember_order(std::span<const std::string_view> names, std::span<NamedNode* const> found);
  void forget_if_unused(const std::string& name);
  void publish(NamedNode& node, std::optional<PublishedNode> published);
  void take_lanes_from(NamedNode& node);
  const NodeState& state_of(Node& node);
  Result<> check_unbound(const std::string& uid) const;
  void put(const PodFacts& pod, NamedNode& node, PodPlacement lanes);
  void remove(const std::string& uid);
  void take_from_node(const Pod& pod, const NamedNode* kept);
  void end_nodes(std::uint32_t number);
  void end_node_lanes(std::uint32_t number);
  void end_pods(std::uint32_t number);

  mutable std::mutex mutex_;  // Guards all below.
  std::array<List, 3> lists_;
  ByName<Node> nodes_;  // Its elements stay where they are.
  ByName<Pod> pods_;    // By UID, as binds_, whose pods are among them.
  std::map<std::string, Bind> binds_;
  std::set<NamedNode*> wished_;  // Those of nodes_ whose NodeLanes have wishes.
  std::vector<std::size_t> free_numbers_;
  std::uint64_t versions_ = 0;
  LastOrder<NamedNode> order_;  // Of nodes that were looked up.
};

}  // namespace sluice
