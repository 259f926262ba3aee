#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice::plugin {

/// A device of a device plugin and the container that holds it, as the kubelet lists it.
struct PodDevice {
  std::string pod;  ///< "namespace/name"; names are used again, and there is no UID.
  std::string container;
  std::string resource;  ///< "sluice.dev/gold"
  std::string id;

  friend bool operator==(const PodDevice&, const PodDevice&) = default;
};

/// All that pods on this node hold now, of every plugin, in the kubelet's order. `socket` is
/// /var/lib/kubelet/pod-resources/kubelet.sock on a node. Pods appear when they are admitted and go
/// when their containers have ended; init containers do not appear. exhausted when the kubelet has
/// been asked too often (100 calls a second, by all clients together), busy when it does not run.
Result<std::vector<PodDevice>> list_pod_devices(const std::string& socket,
                                                std::chrono::milliseconds limit);

/// A device as the kubelet's device manager has it, whether a pod holds it or not.
struct KnownDevice {
  std::string resource;
  std::string id;

  friend bool operator==(const KnownDevice&, const KnownDevice&) = default;
};

/// What pods could be given (GetAllocatableResources): the healthy devices of every plugin. Errors
/// as of list_pod_devices().
Result<std::vector<KnownDevice>> list_known_devices(const std::string& socket,
                                                    std::chrono::milliseconds limit);

/// The same of one pod, "namespace/name". busy when it is not listed, and when two are: one of the
/// same name that has been deleted is still going, and nothing tells whose is what.
Result<std::vector<PodDevice>> list_devices_of(const std::string& pod, const std::string& socket,
                                               std::chrono::milliseconds limit);

}  // namespace sluice::plugin
