#pragma once

#include <memory>
#include <optional>

#include "bench/node.h"
#include "pkg/base/bit_rate.h"
#include "pkg/podlanes/server.h"
#include "test/fake/fake_pod_lanes.h"

namespace sluice::bench {

/// What an agent does for the CNI plugin: all VFs of the node are offered, and its pod has them.
class PodAgent {
 public:
  /// `network`: of all lanes.
  static Result<std::unique_ptr<PodAgent>> start(const Node& node, BitRate ceiling,
                                                 const std::optional<LaneNetwork>& network = {});

 private:
  FakePodLanes pods_;
  std::unique_ptr<PodLanesServer> server_;  // The last member: it asks `pods_`.
};

}  // namespace sluice::bench
