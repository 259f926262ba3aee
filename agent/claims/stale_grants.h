#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/claims/claim_book.h"
#include "agent/grants/turns.h"
#include "agent/kubernetes.h"
#include "dra/claim/claim_ref.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// What allocations call this node's devices.
struct ClaimNodeName {
  std::string driver;
  std::string node;  ///< The pool's name, too.
};

/// Takes back grants whose claims the kubelet never unprepares: its state was wiped, say, and the
/// claim deleted by force. A grant is stale when no lane is attached for it, the kubelet lists no
/// pod with the claim, and the API server says that the claim is gone or not allocated to this
/// node; what cannot be asked keeps it. Two looks in a row, kBetween or more apart, must find it
/// so. One thread.
class StaleGrants {
 public:
  using Clock = std::chrono::steady_clock;

  /// A pod that starts or ends is in none of the three books for seconds: a kubelet that starts
  /// again lists none, and looks for claims to unprepare once a minute.
  static constexpr std::chrono::seconds kBetween{90};

  /// From one look to the next.
  static constexpr std::chrono::seconds kPeriod{30};

  /// The references must outlive this object.
  struct Parts {
    const ClaimBook& book;
    const Ledger& ledger;
    Turns& turns;
    Kubernetes& kubernetes;
    Metrics& metrics;
    std::string pod_resources;  ///< The kubelet's socket.
    std::string proc;           ///< "/proc", with the processes of the host.
    /// Unprepares a claim whose turn is taken.
    std::function<Result<>(const dra::ClaimRef& claim)> take_back;
  };

  StaleGrants(Parts parts, Announcer announcer);

  /// Says itself what it took back, and what it could not ask.
  void look(const ClaimNodeName& at, Clock::time_point now);

 private:
  /// What this node says of claims.
  struct Local {
    std::vector<PortRecord> records;
    std::vector<PodClaim> listed;
  };

  Result<Local> read_local();
  Result<bool> has_lane(const Grant& grant, const Local& local) const;
  Result<bool> is_stale(const Grant& grant, const dra::ClaimRef& ref, const Local& local,
                        const ClaimNodeName& at) const;
  /// Whether it is stale, and has to be found so for longer.
  Result<bool> judge(const Grant& grant, const Local& local, const ClaimNodeName& at,
                     Clock::time_point now);
  void warn(const std::string& which, const Error& error, Clock::time_point now);
  void tell(const Grant& grant);

  Parts parts_;
  Announcer announcer_;
  PodResourcesClient kubelet_;
  Repeats failures_;
  std::map<std::string, Clock::time_point> since_;  // Stale grants, by UID: when first found so.
};

}  // namespace sluice
