#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/claims/claim_book.h"
#include "agent/claims/claim_reports.h"
#include "agent/claims/claim_statuses.h"
#include "agent/claims/claim_supply.h"
#include "agent/claims/host_claims.h"
#include "agent/claims/measured_claims.h"
#include "agent/claims/stale_grants.h"
#include "agent/config/live_config.h"
#include "agent/front_end.h"
#include "agent/grants/pod_facts.h"
#include "agent/grants/turns.h"
#include "agent/kubernetes.h"
#include "dra/claim/claim.h"
#include "dra/claim/claim_cdi.h"
#include "dra/service/dra_endpoint.h"
#include "dra/slices/slice_publisher.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/worker.h"
#include "pkg/fs/event_fd.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// The front end "claims": the DRA driver. Publishes the claims' share of each port as a device of
/// the node's ResourceSlices, and grants VFs to the claims that the kubelet has prepared; for pods
/// on the host's network it makes them lanes, too, for there no CNI plugin does. Without
/// access to the API server it does neither, for a claim is read there. Begins to serve with the
/// first port that has a share for claims.
class Claims final : public FrontEnd, public dra::ClaimHandler {
 public:
  /// All but texts must outlive this object.
  struct Parts {
    std::string kubelet_dir;
    std::string cdi_dir;
    std::string memlock_hook;
    std::string pod_resources;  ///< The kubelet's socket.
    std::string proc;           ///< "/proc", with the processes of the host.
    const Dir& sysfs;
    const Ledger& ledger;
    const SetAsideStore& aside;
    const LiveConfig& config;
    Kubernetes& kubernetes;
    InPlaceLanes& in_place;
    const EventFd& wake;  ///< Notified when a step is due.
    LogOutput& output;
    Metrics& metrics;
    LeaseStore leases;
    Probes& probes;
  };

  explicit Claims(const Parts& parts);

  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  ~Claims() override = default;

  FrontEndName name() const override { return FrontEndName::claims; }

  std::optional<std::vector<std::string>> given_vfs(const Config& config) const override;

  bool asks_kubernetes() const override { return false; }

  Result<> reconcile(const NodeState& node) override;

  /// It has none.
  std::vector<Offer> offers() const override { return {}; }

  bool is_due() const override { return false; }

  void notice_lanes() override {}

  bool is_registered() const override { return is_registered_; }

  void hand_over() override;

  /// The kubelet takes each instance of a driver for itself.
  void expect_loss() override {}

  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

  /// On failure nothing is left of what this call has made.
  Result<std::vector<dra::PreparedDevice>> prepare(const dra::ClaimRef& ref) override;
  Result<> unprepare(const dra::ClaimRef& ref) override;

 private:
  using Clock = std::chrono::steady_clock;

  /// A claim that is to be prepared, as the API server has it.
  struct Asked {
    dra::ClaimRef ref;
    dra::Consumer pod;
    PodFacts facts;
    std::vector<dra::ClaimedLane> lanes;
  };

  dra::ClaimCdi cdi() const;
  Result<Asked> read(const dra::ClaimRef& ref) const;
  Result<std::vector<dra::PreparedDevice>> prepare(const Asked& asked, Clock::time_point end);
  Result<std::vector<dra::PreparedDevice>> hand_over(const Asked& asked, const Grant& grant) const;
  /// With the claim's turn.
  Result<> take_back(const dra::ClaimRef& ref);
  Result<> start_serving(const NodeIdentity& node, ApiClient& api);
  void publish(const NodeIdentity& node, ClaimSupply supply);
  void start_cleaning(ClaimNodeName at);
  Result<> require_no_claim_of_others(const PodId& pod, const std::vector<Grant>& grants);

  Parts parts_;
  Announcer announcer_;
  ClaimBook book_;
  HostClaims host_;
  PodResourcesClient kubelet_;
  Turns turns_;
  ClaimReports reports_;
  MeasuredClaims measured_;
  std::atomic<bool> is_registered_ = false;
  ClaimStatuses statuses_;
  // Their threads use those above.
  std::unique_ptr<dra::SlicePublisher> publisher_;
  std::unique_ptr<dra::DraEndpoint> endpoint_;
  std::unique_ptr<StaleGrants> stale_;
  std::unique_ptr<Worker> cleaner_;
};

}  // namespace sluice
