#pragma once

#include <utility>
#include <vector>

#include "agent/config/networks.h"
#include "agent/front_end.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// Which lanes a pod is to get, whatever front ends they come from. Any number of threads.
class PodResolver final : public PodLanes {
 public:
  /// They must outlive this object.
  PodResolver(std::vector<FrontEnd*> front_ends, const Networks& networks)
      : front_ends_(std::move(front_ends)), networks_(networks) {}

  /// The lanes of all front ends, in their order, with their networks. The error of one that cannot
  /// say: a pod gets all its lanes or waits. internal when two front ends name the same VF, for one
  /// of their books is wrong.
  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

 private:
  const std::vector<FrontEnd*> front_ends_;
  const Networks networks_;
};

}  // namespace sluice
