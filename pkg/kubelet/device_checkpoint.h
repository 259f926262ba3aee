#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// A device as the kubelet's device manager keeps it over restarts.
struct CheckpointDevice {
  std::string pod_uid;
  std::string container;
  std::string resource;  ///< "sluice.dev/gold"
  std::string id;

  friend bool operator==(const CheckpointDevice&, const CheckpointDevice&) = default;
};

/// The kubelet's file of the devices that pods have, /var/lib/kubelet/device-plugins/
/// kubelet_internal_checkpoint: unlike PodResources it has those of init containers, and the UIDs
/// of pods. It is written before a pod's sandbox is made. Pods that have ended stay in it until the
/// kubelet admits another one. An internal file, of this form since 1.20
/// (devicemanager/checkpoint/checkpoint.go), so what it says is only added to what PodResources
/// says.
///
/// None where there is no file; data_loss for one of another form.
Result<std::vector<CheckpointDevice>> read_device_checkpoint(const std::string& path);

}  // namespace sluice
