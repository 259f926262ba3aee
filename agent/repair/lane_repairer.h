#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/announcer.h"
#include "pkg/daemon/repeats.h"
#include "pkg/lane/lanes.h"
#include "pkg/ledger/lease_store.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Keeps the kernel as the ledger has it: rates and settings of attached lanes that were changed or
/// that a reset took away are written again, rates follow the port's wire, lanes that a reset took
/// out of their pods are brought in again, and lanes whose namespace is gone are released.
/// One thread at a time; notice() may be called from any.
class LaneRepairer {
 public:
  /// Between two steps: every attached lane is read back so often.
  static constexpr std::chrono::seconds kPeriod{1};

  /// Steps from one search for orphans and lost lanes to the next, when nothing was noticed.
  static constexpr int kStepsPerSearch = 10;

  /// All must outlive this object.
  struct Parts {
    Lanes& lanes;
    const Ledger& ledger;
    LeaseStore leases;
    Metrics& metrics;
  };

  LaneRepairer(const Parts& parts, Announcer announcer)
      : lanes_(parts.lanes),
        ledger_(parts.ledger),
        leases_(parts.leases),
        announcer_(std::move(announcer)),
        metrics_(parts.metrics) {}

  /// Says itself what went wrong, and tries again with the next step.
  void step();

  /// Links or RDMA devices came or went: the next step looks for orphans and lost lanes.
  void notice() { is_noticed_ = true; }

  /// What of attached lanes was not as written at the last look, and could not be written again.
  /// From any thread.
  std::vector<LaneRepair> unrepaired();

  /// Whether that is something else than unrepaired() last told. From any thread.
  bool has_news() const { return has_news_; }

 private:
  using Lane = std::pair<std::string, std::uint64_t>;  // Its id, and its owner's namespace.

  static std::set<Lane> half_done(const std::vector<PortRecord>& records);

  void repair_lanes(Look look);
  void keep(const std::string& port, const std::vector<LaneRepair>& repairs);
  Result<> bring_back(const std::string& port, Look look);
  Result<> readdress(const LaneRecord& lane, Addresses& pod, int link) const;
  std::string lacks_of(const LaneReturn& news) const;
  void tell(const std::string& port, const LaneReturn& news);
  void tell_return(const std::string& port, const LaneReturn& news);
  void forget_released();
  /// Fails while the port does not take all of its free VFs' baseline.
  Result<> reset_vfs(const std::string& port);
  Result<> follow_wire(const std::string& port);
  void tell(const std::string& port, const PortNews& news);
  void tell_lanes(const std::string& port, const PortNews& news);
  void tell_shortage(const std::string& port, const PortBudget& budget);
  void tell(const std::string& port, const LaneRepair& repair);
  void release_orphans();
  void note(const std::string& what, const Result<>& done);

  Lanes& lanes_;
  const Ledger& ledger_;
  LeaseStore leases_;
  Announcer announcer_;
  Metrics& metrics_;
  Repeats failures_;
  std::atomic<bool> is_noticed_ = true;
  int steps_ = 0;
  std::map<std::string, std::string> short_;  // Ports that promised too much -> as last told.
  std::set<Lane> half_done_;                  // At the last search.
  std::set<Lane> lost_;                       // Told as lost, and not in their pods again.

  std::atomic<bool> has_news_ = false;
  std::mutex mutex_;                                           // Guards what is below.
  std::map<std::string, std::vector<LaneRepair>> unrepaired_;  // By port.
};

}  // namespace sluice
