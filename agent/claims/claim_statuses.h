#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/node_state.h"
#include "dra/status/status_publisher.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/ledger/lease_store.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// What the status of each claim with a grant is to say, by the node as it was read. What cannot be
/// read of addresses is left out.
std::vector<dra::ClaimStatus> claim_statuses(const NodeState& node, const LeaseStore& leases);

/// Keeps the status of the node's claims at the API server, and says in the log and in metrics
/// what came of it. A claim without its status is served all the same. Thread-safe.
class ClaimStatuses {
 public:
  /// All must outlive this object.
  struct Parts {
    LeaseStore leases;
    Log log;
    Metrics& metrics;
  };

  explicit ClaimStatuses(Parts parts) : parts_(std::move(parts)) {}

  /// Writes from now on what the node shows; `api` must outlive this object. Returns at once.
  void publish(const NodeState& node, ApiClient& api);

  /// As StatusPublisher::remove(); nothing before the first publish().
  void remove(const dra::ClaimRef& claim);

  /// Writes nothing any more when this returns, and forgets what was to be written.
  void stop();

 private:
  dra::StatusListener listener();
  void tell(const dra::ClaimRef& claim, const std::string& what, const Error& error);

  Parts parts_;
  Repeats failures_;  // Of the publisher's thread.
  std::mutex mutex_;  // Guards those below.
  bool is_stopped_ = false;
  std::unique_ptr<dra::StatusPublisher> publisher_;  // The last member: it uses those above.
};

}  // namespace sluice
