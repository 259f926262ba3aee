#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/arrivals.h"
#include "agent/classes/allocated_vfs.h"
#include "agent/classes/device_snapshot.h"
#include "agent/classes/live_offers.h"
#include "agent/cluster.h"
#include "agent/live_config.h"
#include "agent/repair/vf_rebinder.h"
#include "agent/repair/vf_restorer.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/dir.h"
#include "pkg/metrics/metrics.h"
#include "plugin/device_plugin.h"

namespace sluice {

/// Brings what is offered and what the kubelet sees in line with the configuration, the hardware,
/// the ledger and Kubernetes. Each step looks at everything anew, so it does not matter why it is
/// made. One thread at a time; is_due() may be called from any.
class OfferReconciler {
 public:
  /// All must outlive this object. `cluster` is null without access to the API server.
  struct Parts {
    LiveConfig& config;
    const Dir& sysfs;
    const Ledger& ledger;
    LiveOffers& book;
    AllocatedVfs& allocated_vfs;
    Cluster* cluster;
    plugin::DevicePlugin& plugin;
    VfRestorer& vfs;
    VfRebinder& rebinder;
    Probes& probes;
    Metrics& metrics;
  };

  /// The condition of readiness that a step sets.
  static constexpr const char* kReady = "devices";
  /// Another: the configuration file is the one in force.
  static constexpr const char* kConfigIsGood = "configuration";

  OfferReconciler(const Parts& parts, Log log) : parts_(parts), log_(std::move(log)) {}

  /// Says itself what went wrong, and tries again with the next step.
  void step();

  /// Whether a step is due each second: a withdrawal waits for Kubernetes, or a pod is to be told.
  bool is_due() const { return parts_.book.is_waiting() || has_news_; }

 private:
  void read_config();
  void tell_bad_config(const Error& error);
  Result<> advance();
  Result<Inventory> look_at_hardware();
  void keep_policies(const Inventory& inventory, const Config& config);
  Result<> publish(const SnapshotInput& input);
  void give_back(const std::set<std::string>& with_lanes);
  void tell_arrivals(const std::vector<PortRecord>& records);
  void tell_stale(const SnapshotInput& input, const std::set<std::string>& with_lanes);
  void tell(const OfferChange& change);
  void tell(const Move& move);

  Parts parts_;
  Log log_;
  Repeats failures_;
  std::uint64_t generation_ = 0;
  std::map<std::string, int> healthy_;        // As last published.
  std::set<DeviceKey> released_;              // By the kubelet, and not given back yet.
  std::map<std::string, int> short_;          // Classes below their minimum -> offered.
  std::map<std::string, std::string> stale_;  // stale_offers() as last told.
  Arrivals arrivals_;
  std::atomic<bool> has_news_ = false;  // Of those.
};

}  // namespace sluice
