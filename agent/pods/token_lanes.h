#pragma once

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/pods/token_holder.h"
#include "pkg/cdi/cdi_lane.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// The lanes whose devices a container gets with its token: those that its own pod has by
/// annotation, once all of them are attached. What is not known for certain is refused. Any number
/// of threads.
class TokenLanes {
 public:
  /// The references must outlive this object.
  struct Parts {
    const Dir& sysfs;
    const Ledger& ledger;
    const GrantStore& grants;
    std::string pod_resources;  ///< The kubelet's socket.
    std::string checkpoint;     ///< The kubelet's file of devices.
  };

  /// A token's pod and its lanes, in the order of the annotation.
  struct Answer {
    std::string pod;  ///< "namespace/name"
    std::vector<CdiLane> lanes;
  };

  explicit TokenLanes(Parts parts) : parts_(std::move(parts)), kubelet_(parts_.pod_resources) {}

  /// What the kubelet has just been asked decides whose the token is. busy for a token of no pod or
  /// of two, for a pod without lanes by annotation, and while one of them is not attached; the
  /// errors of asking the kubelet and of reading ledger and grants.
  Result<Answer> of(const DeviceKey& token);

  /// Tokens of the resource whose pods have no grant, or none any more. The kubelet's checkpoint
  /// keeps the devices of a pod that has ended until it gives others, and those of init containers
  /// are in no other place.
  Result<std::set<std::string>> without_grant(const std::string& resource) const;

 private:
  /// The kubelet answers within milliseconds; a container's start may wait for more.
  static constexpr std::chrono::seconds kLimit{3};

  Result<CdiLane> lane_of(const Grant& grant, const GrantedVf& granted,
                          const std::vector<PortRecord>& records) const;

  Parts parts_;
  PodResourcesClient kubelet_;
};

}  // namespace sluice
