#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/kube/lease.h"
#include "pkg/placement/score.h"
#include "scheduler/asked_pod.h"
#include "scheduler/cluster_view.h"
#include "scheduler/extender_api.h"
#include "scheduler/moving_nodes.h"
#include "scheduler/verdicts.h"

namespace sluice {

/// Where a pod could go, and where best: filter and prioritize. Thread-safe.
class Decisions final {
 public:
  Decisions(ClusterView& view, Policy policy, MovingNodes::Now now = boot_time)
      : view_(view), policy_(policy), verdicts_(view, policy), moving_(view, std::move(now)) {}

  /// Which of the nodes have room for all lanes of the pod, and why others have not. The kubelet's
  /// devices and ResourceClaims are kube-scheduler's own business, but for the nodes where offers
  /// of the pod's classes move to others (MovingNodes).
  FilterAnswer filter(const AskedPod& pod, const ExtenderArgs& args);

  /// As the papers' extender: its three reasons in place of the numbers.
  FilterAnswer papers_filter(const AskedPod& pod, const ExtenderArgs& args);

  /// A score from 0 to 10 by node, as the policy has it: 10 for the best of them, 0 for the worst,
  /// the others in proportion. A node that cannot have the pod gets 0. Pods of classes and claims
  /// are scored by what their share of the node would have left.
  std::vector<int> prioritize(const AskedPod& pod, const ExtenderArgs& args);

 private:
  ClusterView& view_;
  const Policy policy_;
  Verdicts verdicts_;
  MovingNodes moving_;
};

/// The three reasons of the papers' extender.
namespace papers_reason {
inline constexpr std::string_view kNoRoom =
    R"("RDMA Scheduler Extension: Node did not have enough free RDMA resources.")";
inline constexpr std::string_view kUnknown =
    R"("RDMA Scheduler Extension: Unable to collect information on available RDMA resources for node.")";
inline constexpr std::string_view kMalformed =
    R"("RDMA Scheduler Extension: 'rdma_interfaces_required' field in pod YAML file is malformatted.")";
}  // namespace papers_reason

}  // namespace sluice
