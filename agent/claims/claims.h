#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/claims/claim_book.h"
#include "agent/front_end.h"
#include "agent/kubernetes.h"
#include "agent/live_config.h"
#include "dra/claim/claim.h"
#include "dra/claim/claim_cdi.h"
#include "dra/service/dra_endpoint.h"
#include "dra/slices/slice_publisher.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/event_fd.h"

namespace sluice {

/// The front end "claims": the DRA driver. Publishes the claims' share of each port as a device of
/// the node's ResourceSlices, and grants VFs to the claims that the kubelet has prepared. Without
/// access to the API server it does neither, for a claim is read there. Begins to serve with the
/// first port that has a share for claims.
class Claims final : public FrontEnd, private dra::ClaimHandler {
 public:
  /// All but texts must outlive this object.
  struct Parts {
    std::string kubelet_dir;
    std::string cdi_dir;
    std::string memlock_hook;
    const Dir& sysfs;
    const Ledger& ledger;
    const SetAsideStore& aside;
    const LiveConfig& config;
    Kubernetes& kubernetes;
    const EventFd& wake;  ///< Notified when a step is due.
    LogOutput& output;
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

  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

 private:
  Result<std::vector<dra::PreparedDevice>> prepare(const dra::ClaimRef& ref) override;
  Result<> unprepare(const dra::ClaimRef& ref) override;

  dra::ClaimCdi cdi() const;
  Result<dra::Claim> read(const dra::ClaimRef& ref) const;
  Result<> start_serving(const NodeIdentity& node, ApiClient& api);
  void publish(const NodeIdentity& node, std::vector<dra::ClaimPort> ports);
  dra::SliceListener listener();

  Parts parts_;
  Announcer announcer_;
  ClaimBook book_;
  std::mutex mutex_;  // Guards failures_.
  Repeats failures_;  // Of slices.
  // Their threads use those above.
  std::unique_ptr<dra::SlicePublisher> publisher_;
  std::unique_ptr<dra::DraEndpoint> endpoint_;
};

}  // namespace sluice
