#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "plugin/allocate_response.h"
#include "plugin/preference.h"

namespace sluice::plugin {

/// A device as the kubelet is to list it.
struct DeviceEntry {
  std::string id;
  bool is_healthy = true;
  std::optional<int> numa_node;
};

/// What one extended resource answers to the kubelet. Called by several threads at once.
class Answers {
 public:
  virtual ~Answers() = default;

  /// All devices of the resource.
  virtual std::vector<DeviceEntry> list() const = 0;

  /// Those that a container had better have. An Error fails its pod.
  virtual Result<std::vector<std::string>> prefer(const PreferenceRequest& request) const = 0;

  /// What each container gets, of which each is given one list of devices. An Error is final for
  /// the pod, so it says what a person needs.
  virtual Result<std::vector<AllocateResponse>> allocate(
      const std::vector<std::vector<std::string>>& containers) = 0;

  /// A container with these devices is about to start. An Error refuses, and the kubelet tries
  /// again. May take seconds.
  virtual Result<> starts(const std::vector<std::string>& ids) = 0;
};

}  // namespace sluice::plugin
