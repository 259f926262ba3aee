#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/cluster_view.h"
#include "scheduler/pod_facts.h"

namespace sluice {

/// Which nodes pods of classes cannot have because offers move there. kube-scheduler counts by what
/// the kubelet published, up to ten seconds ago: of a class that shrinks it may send a pod for an
/// offer that has left, which the kubelet then refuses for good (UnexpectedAdmissionError), or that
/// is about to leave, and the wish waits.
///
/// A pod that was let pass counts as if it were on every such node until the API shows where it is
/// bound, for kPending at most: kube-scheduler decides on the next pod before that. Thread-safe.
class MovingNodes final {
 public:
  using Time = std::chrono::nanoseconds;
  using Now = std::function<Time()>;

  /// By the position of the node: why not, as JSON text.
  using Refusals = std::map<std::size_t, std::string>;

  /// From the filter until the watch shows the binding takes kube-scheduler a fraction of a second.
  static constexpr std::chrono::seconds kPending{5};

  /// `view` must outlive this object.
  MovingNodes(ClusterView& view, Now now) : view_(view), now_(std::move(now)) {}

  /// Looks at nodes of which something is wished alone; where there is none it costs nothing.
  Refusals refusals(const PodFacts& pod, std::span<const std::string_view> nodes);

 private:
  struct Passed {
    std::string uid;
    ClassLanes classes;
    Time until{0};
  };

  ClassLanes with_pending(const PodFacts& pod, Time now);

  ClusterView& view_;
  const Now now_;
  std::mutex mutex_;  // Guards passed_.
  std::vector<Passed> passed_;
};

}  // namespace sluice
