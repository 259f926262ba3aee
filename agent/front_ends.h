#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/claims/claims.h"
#include "agent/classes/classes.h"
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
};

/// All front ends of the agent.
struct FrontEnds {
  /// What `on` refers to must outlive them. `host_lanes` is for them alone.
  static Result<FrontEnds> start(const RunOptions& options, const Foundation& on, Lanes& host_lanes,
                                 const std::stop_token& stop);

  std::vector<FrontEnd*> all() const { return {classes.get(), claims.get()}; }

  std::unique_ptr<Classes> classes;
  std::unique_ptr<Claims> claims;
};

/// The kubelet's socket.
std::string pod_resources_of(const RunOptions& options);

}  // namespace sluice
