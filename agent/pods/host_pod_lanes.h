#pragma once

#include <chrono>
#include <string>

#include "agent/pod_lanes/in_place_lanes.h"
#include "pkg/base/result.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/records.h"

namespace sluice {

/// Lanes of annotated pods on the host's network: an attachment a pod, named by the pod's UID, so
/// that they are found without the grant. Calls for one pod come one at a time; any number of
/// threads.
class HostPodLanes {
 public:
  /// The references must outlive this object.
  struct Parts {
    InPlaceLanes& lanes;
    const Ledger& ledger;
    std::string proc;  ///< "/proc", with the processes of the host.
  };

  explicit HostPodLanes(Parts parts) : parts_(std::move(parts)) {}

  /// Makes the grant's VFs lanes of its pod, as far as they are not yet. Those that are made before
  /// a failure stay: the next call goes on there. The errors of Lanes::attach(); all of them are
  /// waited for until `deadline`.
  Result<> attach(const Grant& grant, std::chrono::steady_clock::time_point deadline);

  /// Takes back all lanes that the pod has in place, and says whether none is left: they stay while
  /// a process of the pod lives. busy where processes cannot be seen; the errors of
  /// Lanes::detach_all().
  Result<bool> release(const std::string& pod_uid);

 private:
  Parts parts_;
};

/// Whether it is of an annotated pod, in place. Its container ID is the pod's UID then.
bool is_host_pods(const LaneRecord& lane);

/// Whether all lanes of the grant are in force in place. Pure.
bool is_in_force(const Grant& grant, const std::vector<PortRecord>& records);

}  // namespace sluice
