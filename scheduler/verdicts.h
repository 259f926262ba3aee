#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/placement/score.h"
#include "scheduler/asked_pod.h"
#include "scheduler/cluster_view.h"

namespace sluice {

/// Whether a pod's lanes fit on a node, and how well the node suits the pod.
struct Verdict {
  bool fits = false;
  bool is_refusal = false;   ///< The node can have no pod with lanes, whatever they are.
  bool is_for_good = false;  ///< They do not fit, whatever other pods give up.
  double suitability = 0;
  std::string reason;  ///< Why not, as JSON text.
};

/// Verdicts by what is asked and by node, kept while the node's state is the same: the second pod
/// that asks the same costs almost nothing. Of the kMostShapes asks that came last. Thread-safe;
/// one question at a time.
class Verdicts final {
 public:
  /// Workloads come in a few sizes. A shape costs 80 bytes a node, and those of reasons.
  static constexpr std::size_t kMostShapes = 32;
  /// Bytes; kube-scheduler's events hold 1024 in all (events.k8s.io/v1 noteLengthLimit).
  static constexpr std::size_t kLongestReason = 300;

  /// `view` must outlive this object.
  Verdicts(ClusterView& view, Policy policy) : view_(view), policy_(policy) {}

  /// Calls `take` with the verdict on each node, in order. `pod` must ask for lanes.
  void judge(const AskedPod& pod, std::span<const std::string_view> nodes,
             const std::function<void(std::size_t position, const Verdict& verdict)>& take);

 private:
  struct Slot {
    std::uint64_t version = 0;  // Of the state that was judged; states begin at 1.
    Verdict verdict;
  };

  struct Shape {
    std::string key;
    std::vector<Slot> slots;  // By node number.
  };

  Shape& shape(const std::string& key);

  ClusterView& view_;
  const Policy policy_;
  std::mutex mutex_;         // Guards shapes_.
  std::list<Shape> shapes_;  // Last used first.
};

/// Decides without what is remembered. Pure.
Verdict judge(Policy policy, const NodeState& state, const PodAsk& ask);

}  // namespace sluice
