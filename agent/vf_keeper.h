#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/cluster.h"
#include "agent/live_config.h"
#include "agent/provision.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/ledger.h"
#include "pkg/metrics/metrics.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// Makes the VFs again of ports that have none though the configuration asks for some: a reset took
/// them away, a driver that was loaded anew, or somebody. As `sluiced provision` does, and at
/// baseline; a port with lanes is left until their pods have ended, and one that has VFs, whatever
/// their number, is never touched. Grants stay, and keep no port without VFs. observe() may be
/// called from any thread, step() from one.
class VfKeeper {
 public:
  using Clock = std::chrono::steady_clock;

  /// All must outlive this object. `cluster` is null without access to the API server.
  struct Parts {
    std::string sysfs_root;
    std::string state_dir;  ///< Of the grants.
    const Dir& sysfs;
    Links& links;
    const Ledger& ledger;
    const LiveConfig& config;
    Cluster* cluster;
    Metrics& metrics;
  };

  /// So long a port must have been without VFs, and so long it takes until it is tried again: who
  /// changes their number writes 0 first.
  static constexpr std::chrono::seconds kGrace{5};

  VfKeeper(Parts parts, Log log) : parts_(std::move(parts)), log_(std::move(log)) {}

  /// The hardware as it is at `now`.
  void observe(const Inventory& inventory, const Config& config, Clock::time_point now);

  /// Serves the ports that are due. A driver may take minutes; ends within a second of `stop`.
  void step(Clock::time_point now, const std::stop_token& stop);

 private:
  std::vector<std::string> take_due(Clock::time_point now);
  Result<PortOutcome> make(const std::string& address, const std::stop_token& stop);
  void tell(const std::string& address, const Result<PortOutcome>& outcome);

  Parts parts_;
  Log log_;
  Repeats failures_;                               // Of the thread that steps.
  std::mutex mutex_;                               // Guards bare_.
  std::map<std::string, Clock::time_point> bare_;  // Ports without VFs -> due when.
};

}  // namespace sluice
