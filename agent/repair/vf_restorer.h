#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/config/live_config.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/ledger.h"
#include "pkg/metrics/metrics.h"
#include "pkg/netlink/links.h"
#include "pkg/provision/provisioner.h"

namespace sluice {

/// Recreates the VFs of a configured port that has lost all of them (reset, driver reload, manual
/// change), at baseline, as `sluiced provision` does. A port with lanes is left until their pods
/// have ended; one that has VFs, whatever their number, is never touched. Grants
/// stay, and keep no port without VFs. observe() may be called from any thread, step() from one.
class VfRestorer {
 public:
  using Clock = std::chrono::steady_clock;

  /// All must outlive this object.
  struct Parts {
    std::string sysfs_root;
    std::string state_dir;  ///< Of the grants.
    const Dir& sysfs;
    Links& links;
    const Ledger& ledger;
    const LiveConfig& config;
    Metrics& metrics;
  };

  /// How long a port must have been without VFs, and from one try to the next: a change of their
  /// number goes through 0.
  static constexpr std::chrono::seconds kGrace{5};

  VfRestorer(Parts parts, Announcer announcer)
      : parts_(std::move(parts)), announcer_(std::move(announcer)) {}

  /// The hardware as it is at `now`.
  void observe(const Inventory& inventory, const Config& config, Clock::time_point now);

  /// Serves the ports that are due. A driver may take minutes; ends within a second of `stop`.
  void step(Clock::time_point now, const std::stop_token& stop);

 private:
  std::vector<std::string> take_due(Clock::time_point now);
  Result<PortOutcome> make(const std::string& address, const std::stop_token& stop);
  void tell(const std::string& address, const Result<PortOutcome>& outcome);

  Parts parts_;
  Announcer announcer_;
  Repeats failures_;                               // Of the thread that steps.
  std::mutex mutex_;                               // Guards bare_.
  std::map<std::string, Clock::time_point> bare_;  // Ports without VFs -> due when.
};

}  // namespace sluice
