#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/classes/host_lanes.h"
#include "pkg/base/result.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// Keeps containers from starting with a VF's devices and no limits: each VF must have a lane in
/// the pod that the kubelet gave it to. Pods on the host's network get theirs now; pods whose
/// network does not run the CNI plugin have none. Any number of threads.
class LaneGuard {
 public:
  /// Both references must outlive this object. `checkpoint` is the kubelet's file.
  LaneGuard(const Ledger& ledger, HostLanes& host_lanes, const std::string& pod_resources_socket,
            std::string checkpoint)
      : ledger_(ledger),
        host_lanes_(host_lanes),
        kubelet_(pod_resources_socket),
        checkpoint_(std::move(checkpoint)) {}

  /// `vfs` of `resource` are about to reach a container. busy with the reason when one of them has
  /// no attached lane, or the lane is another pod's than the kubelet has given the VF to; the error
  /// of asking the kubelet. A kubelet that is refused tries again.
  Result<> check(const std::string& resource, const std::vector<std::string>& vfs);

 private:
  /// The kubelet answers within milliseconds; a container's start may wait for more.
  static constexpr std::chrono::seconds kLimit{3};

  /// Whether an init container of the lane's pod has the VF: the kubelet does not list those.
  bool is_of_init_container(const std::string& resource, const LaneRecord& lane) const;

  const Ledger& ledger_;
  HostLanes& host_lanes_;
  PodResourcesClient kubelet_;
  std::string checkpoint_;
};

}  // namespace sluice
