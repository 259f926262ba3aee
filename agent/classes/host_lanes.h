#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/networks.h"
#include "agent/node_state.h"
#include "pkg/base/result.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kubelet/allocations.h"
#include "pkg/kubelet/device_checkpoint.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/lane/lanes.h"

namespace sluice {

/// Lanes of pods on the host's network: no CNI plugin is run for them, so the agent puts rates and
/// settings in force before their containers start, and takes them back when the kubelet says that
/// the pod is gone. Links and addresses of the host are left alone. Any number of threads.
class HostLanes {
 public:
  /// `lanes` is used by this object alone; it must outlive this one.
  struct Parts {
    Lanes& lanes;
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

  /// Takes back those whose pods are gone: the VF is given to no pod, or to another one.
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
  std::mutex mutex_;  // Guards the lanes.
};

}  // namespace sluice
