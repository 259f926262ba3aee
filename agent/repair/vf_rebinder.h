#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Gives VFs their link back that they had and that is in no namespace any more, as iavf's after a
/// reset that failed: such a VF is unbound from its driver and bound again, once. One that a pod
/// still has is left to it, and one that never had a link may be meant so. observe() may be called
/// from any thread, step() from one.
class VfRebinder {
 public:
  using Clock = std::chrono::steady_clock;

  /// All must outlive this object.
  struct Parts {
    const Dir& sysfs;
    const Ledger& ledger;
    Metrics& metrics;
  };

  /// How long a VF must have been without a link: many times what the reset of a VF takes (0.8 s,
  /// pkg/lane/vf/vf_provider.cpp), for a driver that is at it needs no help.
  static constexpr std::chrono::seconds kGrace{30};

  VfRebinder(Parts parts, Announcer announcer) : parts_(parts), announcer_(std::move(announcer)) {}

  /// The hardware as it is at `now`.
  void observe(const Inventory& inventory, Clock::time_point now);

  /// Serves the VFs that are due.
  void step(Clock::time_point now);

 private:
  struct Lost {
    PciAddress port;
    std::string driver;
    Clock::time_point due;
    bool is_tried = false;
  };

  std::map<PciAddress, Lost> take_due(Clock::time_point now);
  /// Whether it was bound again; false where that is not to be done now.
  Result<bool> rebind(PciAddress vf, const Lost& lost) const;
  void tell(PciAddress vf, const Lost& lost, const Result<bool>& done);

  Parts parts_;
  Announcer announcer_;
  std::mutex mutex_;  // Guards those below.
  std::set<PciAddress> had_link_;
  std::map<PciAddress, Lost> lost_;
};

}  // namespace sluice
