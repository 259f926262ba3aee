#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice::plugin {

/// The lanes of a pod are the devices of our resources that the kubelet has given to its
/// containers. The kubelet is asked each time: it allocates before the sandbox is made, so
/// a CNI ADD gets all of them. It does not list those of init containers that end before the others
/// begin: they are taken from its checkpoint, by the pod's UID. Any number of threads.
class DevicePodLanes final : public PodLanes {
 public:
  struct Settings {
    std::string socket = "/var/lib/kubelet/pod-resources/kubelet.sock";
    std::string checkpoint = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";
    std::string domain = "sluice.dev";  ///< Of our resources: "sluice.dev/gold".
    std::chrono::milliseconds limit = std::chrono::seconds(3);  ///< Of one call.

    /// How long to go on asking a kubelet that does not answer or has been asked too often (it
    /// takes 100 calls a second from all clients together, and ten at once), or whose list does not
    /// have the pod once. Less than what the CNI plugin waits for us.
    std::chrono::milliseconds timeout = std::chrono::seconds(8);
    std::stop_token stop = {};  ///< Asks no more once it is requested.
  };

  explicit DevicePodLanes(Settings settings)
      : settings_(std::move(settings)), kubelet_(settings_.socket) {}

  /// Container by container as the pod names them, then init containers; of one container by class
  /// and address. A checkpoint that makes no sense is passed over: a container that has a VF
  /// without a lane does not start. busy while the kubelet cannot be asked, does not list the pod,
  /// or lists two of its name; timed_out when it did not answer in time; internal for a device that
  /// is no VF.
  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

 private:
  Result<std::vector<PodDevice>> devices_of(const std::string& pod);
  void add_checkpoint(const std::string& pod_uid, std::vector<PodDevice>& devices) const;

  Settings settings_;
  PodResourcesClient kubelet_;
};

/// Those of `devices` that are of a class of `domain`, in that order, each VF once. Pure.
Result<std::vector<PodLane>> lanes_among(std::vector<PodDevice> devices, const std::string& domain);

}  // namespace sluice::plugin
