#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/kubelet/pod_resources_client.h"

namespace sluice {

using Moment = std::chrono::steady_clock::time_point;

/// A device by what the kubelet calls it.
struct DeviceKey {
  std::string resource;
  std::string id;

  friend auto operator<=>(const DeviceKey&, const DeviceKey&) = default;
};

/// Which devices the kubelet has given to pods. It does not tell when a pod is done with one, so
/// its lists are compared. A device is held from Allocate on, which comes before its pod is listed;
/// one whose pod is not listed within kAdmission was given to a pod that failed, unless the kubelet
/// keeps it: those of init containers are never listed. Pure; one thread at a time.
class Allocations {
 public:
  /// The kubelet lists a pod right after it admitted it, within milliseconds of the Allocate calls.
  static constexpr std::chrono::seconds kAdmission{30};

  struct Change {
    std::vector<PodDevice> taken;     ///< New to the list, or held by another pod than before.
    std::vector<DeviceKey> released;  ///< No pod holds it any more.

    bool any() const { return !taken.empty() || !released.empty(); }
  };

  /// Allocate has just given `ids` away.
  void allocated(const std::string& resource, const std::vector<std::string>& ids, Moment now);

  /// Whether a list can be expected to have every pod.
  enum class Listing { whole, partial };

  /// What the kubelet said of devices at a time.
  struct Answer {
    const std::vector<PodDevice>& listed;
    Moment asked;  ///< What was allocated since is not judged.
    /// Of a partial list nothing that is missing is released.
    Listing listing = Listing::whole;
    std::set<DeviceKey> kept = {};  ///< By its checkpoint, which has what pods no longer hold, too.
  };

  Change observe(const Answer& answer);

  /// Whether `kept` would tell anything.
  bool any_unlisted() const;

  bool holds(const DeviceKey& device) const { return held_.contains(device); }

  /// All that is held now, Allocates that no list has shown yet included.
  std::vector<DeviceKey> all() const;

 private:
  struct Hold {
    std::optional<PodDevice> by;  // Once it was listed.
    std::optional<Moment> given;  // By an Allocate that no list has confirmed yet.
  };

  std::map<DeviceKey, Hold> held_;
};

}  // namespace sluice
