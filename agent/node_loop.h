#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/config/live_config.h"
#include "agent/front_end.h"
#include "agent/lock_watch.h"
#include "agent/pod_lanes/arrivals.h"
#include "agent/repair/repairs.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/lease_store.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Reads the node once a step, and lets all that goes by it look: the repairs, the front
/// ends, the metrics, and the events of lanes that came. Each step reads the node again, so it does
/// not matter why it is made. One thread at a time; is_due() may be called from any.
class NodeLoop {
 public:
  /// All must outlive this object.
  struct Parts {
    LiveConfig& config;
    const Dir& sysfs;
    const Ledger& ledger;
    const GrantStore& grants;
    LeaseStore leases;
    Kubernetes& kubernetes;
    std::vector<FrontEnd*> front_ends;
    Repairs& repairs;
    Probes& probes;
    Metrics& metrics;
    /// Called at the end of each step with the node, and what is set aside on it. May be empty.
    std::function<void(const NodeState& node, const SetAside& aside)> shown = {};
    /// NodeState::wanted. May be empty.
    std::function<std::map<std::string, int>()> wanted = {};
  };

  /// The condition of readiness that a step sets.
  static constexpr const char* kReady = "devices";
  /// Another: the configuration file is the one in force.
  static constexpr const char* kConfigIsGood = "configuration";

  NodeLoop(Parts parts, Announcer announcer)
      : parts_(std::move(parts)), announcer_(std::move(announcer)) {}

  /// Says itself what went wrong, and tries again with the next step.
  void step();

  /// Whether a step is due each second: a front end waits for something, a pod is to be told, a
  /// port is locked, or the repairs found something else than before.
  bool is_due() const;

 private:
  void read_config();
  void tell_bad_config(const Error& error);
  Result<> advance();
  Result<NodeState> look();
  void watch_locks(NodeState& node);
  void keep_usable_parts(const NodeState& node);
  Result<> reconcile(const NodeState& node);
  void show(const NodeState& node);
  void tell_arrivals(const NodeState& node);
  void tell_missing_gids(const Owner& owner, const std::vector<std::string>& lanes);

  Parts parts_;
  Announcer announcer_;
  Repeats failures_;
  Arrivals arrivals_;
  LockWatch locks_;
  std::atomic<bool> has_news_ = false;  // Of those.
};

}  // namespace sluice
