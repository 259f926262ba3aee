#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/cluster_sim/fleet.h"
#include "pkg/placement/place.h"

namespace sluice::sim {

/// A number for all nodes of one shape with the same things promised on it.
using StateId = std::size_t;

/// Where the lanes of a pod are, so that they can be taken back.
struct HeldLanes {
  struct Lane {
    std::size_t port = 0;
    std::uint64_t promise = 0;  ///< bit/s
  };

  std::size_t node = 0;
  std::vector<Lane> lanes;
};

/// The order in which the ports of a node are shown.
enum class PortOrder {
  listed,
  /// Ports that nothing but their names tells apart by what is promised on them. So nodes that
  /// differ in nothing else are in one state, and place() is asked once for all of them: its answer
  /// depends on names only where ports are alike.
  by_promise,
};

/// What is promised on every port of a fleet.
class Cluster {
 public:
  /// `fleet` must outlive this object.
  explicit Cluster(const Fleet& fleet, PortOrder order = PortOrder::by_promise);

  std::size_t size() const { return nodes_.size(); }
  StateId state(std::size_t node) const { return nodes_[node].state; }
  std::size_t states() const { return ids_.size(); }

  /// The node's ports as they are now. Valid until the next call.
  const std::vector<NodePort>& ports(std::size_t node);

  /// `placement` is of ports(node); it is not checked.
  HeldLanes give(std::size_t node, const PodAsk& ask, const Placement& placement);
  void take(const HeldLanes& held);

  /// bit/s of floors on the ports; more than they carry counts too.
  std::uint64_t promised() const { return promised_; }
  /// bit/s promised above what ports can carry.
  std::uint64_t overcommitted() const { return overcommitted_; }

 private:
  struct PortUse {
    std::uint64_t promised = 0;  // bit/s
    int vfs = 0;                 // In use.
    std::size_t port = 0;        // Its number in the shape.
  };
  struct Node {
    StateId state = 0;
    std::vector<PortUse> uses;  // In the order in which they are shown.
  };

  PortUse& use_of(std::size_t node, std::size_t port);
  void change(std::size_t node, std::size_t port, std::uint64_t promised, int vfs);
  void settle(std::size_t node);
  void sort_alike(std::size_t node);

  const Fleet& fleet_;
  const PortOrder order_;
  std::vector<Node> nodes_;
  std::vector<std::vector<NodePort>> shown_;  // By shape.
  std::unordered_map<std::string, StateId> ids_;
  std::uint64_t promised_ = 0;
  std::uint64_t overcommitted_ = 0;
};

}  // namespace sluice::sim
