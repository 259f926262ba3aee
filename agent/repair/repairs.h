#pragma once

#include <chrono>
#include <string>

#include "agent/config/live_config.h"
#include "agent/kubernetes.h"
#include "agent/node_state.h"
#include "agent/repair/lane_repairer.h"
#include "agent/repair/vf_rebinder.h"
#include "agent/repair/vf_restorer.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/worker.h"

namespace sluice {

/// All that puts the node right again, in two threads of its own: one for lanes, and one for VFs,
/// whose drivers may take minutes. From any thread.
class Repairs {
 public:
  /// All must outlive this object.
  struct Parts {
    std::string sysfs_root;
    std::string state_dir;  ///< Of the grants and leases.
    const Dir& sysfs;
    Links& links;  ///< For drivers that take long: used by nothing else.
    Lanes& lanes;
    const Ledger& ledger;
    const LiveConfig& config;
    Kubernetes& kubernetes;
    LogOutput& output;
    Metrics& metrics;
  };

  /// Repairs from now on.
  explicit Repairs(const Parts& parts);

  Repairs(const Repairs&) = delete;
  Repairs& operator=(const Repairs&) = delete;
  ~Repairs() = default;

  /// The node as it is now.
  void observe(const NodeState& node);

  /// Links or RDMA devices came or went.
  void notice();

  /// As LaneRepairer has them.
  std::vector<LaneRepair> unrepaired() { return lane_repairer_.unrepaired(); }
  bool has_news() const { return lane_repairer_.has_news(); }

  /// /livez fails while a lane's repair takes longer than `limit`.
  void watch_with(Probes& probes, std::chrono::seconds limit) const;

 private:
  VfRestorer restorer_;
  VfRebinder rebinder_;
  LaneRepairer lane_repairer_;
  Worker for_vfs_;  // The workers last: they use those above.
  Worker for_lanes_;
};

}  // namespace sluice
