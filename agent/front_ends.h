#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/claims/claims.h"
#include "agent/classes/classes.h"
#include "agent/pod_lanes/in_place_lanes.h"
#include "agent/pods/pods.h"
#include "agent/pods/tokens.h"
#include "agent/run_options.h"

namespace sluice {

/// What front ends stand on.
struct Foundation {
  const Dir& sysfs;
  const Ledger& ledger;
  const SetAsideStore& aside;
  const LiveConfig& config;
  Kubernetes& kubernetes;
  const EventFd& wake;
  LogOutput& output;
  Metrics& metrics;
  Probes& probes;
};

/// All front ends of the agent.
struct FrontEnds {
  /// What `on` refers to must outlive them. `host_lanes` is for them alone.
  static Result<FrontEnds> start(const RunOptions& options, const Foundation& on, Lanes& host_lanes,
                                 const std::stop_token& stop);

  std::vector<FrontEnd*> all() const;

  std::unique_ptr<InPlaceLanes> in_place;  // The others use it.
  std::unique_ptr<Classes> classes;
  std::unique_ptr<Claims> claims;
  std::unique_ptr<Pods> pods;
  std::unique_ptr<Tokens> tokens;  // None where the runtime has no CDI. Uses the classes' plugin.
};

/// The kubelet's socket.
std::string pod_resources_of(const RunOptions& options);

}  // namespace sluice
