#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// Keeps containers from starting with a VF's devices and no limits: each VF must have a lane in
/// the pod that the kubelet gave it to. Pods on the host's network, devices of init containers
/// alone, and pods whose network does not run the CNI plugin have none. Any number of threads.
class LaneGuard {
 public:
  /// `ledger` must outlive this object.
  LaneGuard(const Ledger& ledger, const std::string& pod_resources_socket)
      : ledger_(ledger), kubelet_(pod_resources_socket) {}

  /// `vfs` of `resource` are about to reach a container. busy with the reason when one of them has
  /// no attached lane, or the lane is another pod's than the kubelet lists the VF for; the error of
  /// asking the kubelet. A kubelet that is refused tries again.
  Result<> check(const std::string& resource, const std::vector<std::string>& vfs);

 private:
  /// The kubelet answers within milliseconds; a container's start may wait for more.
  static constexpr std::chrono::seconds kLimit{3};

  const Ledger& ledger_;
  PodResourcesClient kubelet_;
};

}  // namespace sluice
