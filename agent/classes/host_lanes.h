#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/networks.h"
#include "agent/node_state.h"
#include "agent/pod_lanes/in_place_lanes.h"
#include "pkg/base/result.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kubelet/allocations.h"
#include "pkg/kubelet/device_checkpoint.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/ledger/record.h"

namespace sluice {

/// Lanes of classes for pods on the host's network: attached before their containers start, and
/// taken back when the kubelet says that the pod is gone. Any number of threads.
class HostLanes {
 public:
  /// `lanes` must outlive this object.
  struct Parts {
    InPlaceLanes& lanes;
    Networks networks;
    std::string pod_resources;  ///< The kubelet's socket.
    std::string checkpoint;     ///< The kubelet's file of devices.
    std::string proc;           ///< "/proc", with the processes of the host.
  };

  HostLanes(Parts parts, Log log)
      : parts_(std::move(parts)), kubelet_(parts_.pod_resources), log_(std::move(log)) {}

  /// Makes VFs of `resource`, which have no lane and are about to reach a container, lanes of its
  /// pod. busy for a pod that is not on the host's network, or not known to be; else the errors of
  /// Lanes::attach(). What is attached before a failure stays: the kubelet asks again.
  Result<> attach(const std::string& resource, const std::vector<std::string>& vfs);

  /// Takes back those whose pods are gone: the VF is given to no pod, or to another one. Lanes that
  /// are beside others, or whose attachment is not the pod itself, are those of other front ends.
  void release_gone(const NodeState& node);

 private:
  /// The kubelet gives a plugin 30 s before a container starts.
  static constexpr std::chrono::seconds kTimeout{10};
  static constexpr std::chrono::seconds kLimit{3};  // Of a question to the kubelet.

  Result<> attach_one(const std::string& class_name, const std::string& vf, const Owner& owner);
  void release(const LaneRecord& lane, NodeState::Clock::time_point now);

  Parts parts_;
  PodResourcesClient kubelet_;
  Log log_;
  Repeats failures_;  // Of releases, which one thread makes.
};

}  // namespace sluice
