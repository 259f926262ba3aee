#include "agent/claims/claim_statuses.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/claims/read_claim.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

constexpr const char* kFailed = "failed";
constexpr const char* kRefused = "refused";

// A lane of an earlier pod may still be on its way home.
const LaneRecord* lane_of(const PortRecord* port, const GrantedVf& granted,
                          const std::string& pod_uid) {
  if (port == nullptr) return nullptr;
  const auto found = std::ranges::find_if(port->lanes, [&](const LaneRecord& lane) {
    return lane.id == granted.vf && lane.owner.pod_uid == pod_uid;
  });
  return found == port->lanes.end() ? nullptr : &*found;
}

const Vf* find_vf(const NodeState& node, std::string_view vf) {
  for (const Port& port : node.inventory.ports) {
    for (const Vf& each : port.vfs) {
      if (each.address.to_string() == vf) return &each;
    }
  }
  return nullptr;
}

std::vector<std::string> addresses_of(const LeaseStore& leases, const LaneRecord& lane) {
  std::vector<std::string> addresses;
  const std::optional<Lease> lease = leases.find(lane.owner).value_or(std::nullopt);
  if (!lease) return addresses;
  for (const IpPrefix& each : lease->given.addresses) addresses.push_back(each.to_string());
  return addresses;
}

void add_drifts(const NodeState& node, dra::LaneView& view) {
  for (const LaneRepair& repair : node.unrepaired) {
    if (repair.lane.id != view.lane->id || repair.lane.owner != view.lane->owner) continue;
    std::string& drift = repair.what == "rate" ? view.rate_drift : view.settings_drift;
    drift += (drift.empty() ? "" : "; ") + repair.drift;
  }
}

dra::DeviceStatus status_of(const NodeState& node, const LeaseStore& leases, const Grant& grant,
                            const GrantedVf& granted) {
  dra::LaneView view{.granted = granted, .port = find_record(node.after, granted.port)};
  view.lane = lane_of(view.port, granted, grant.pod_uid);
  if (const Vf* const vf = find_vf(node, granted.vf); vf != nullptr) {
    view.rdma_device = vf->rdma_device;
    if (vf->state == VfState::ready) view.host_link = vf->link;
  }
  if (view.lane == nullptr) return dra::device_status(view);
  // It goes where the link goes.
  if (!view.lane->rdma_device.empty()) view.rdma_device = view.lane->rdma_device;
  view.addresses = addresses_of(leases, *view.lane);
  add_drifts(node, view);
  return dra::device_status(view);
}

}  // namespace

std::vector<dra::ClaimStatus> claim_statuses(const NodeState& node, const LeaseStore& leases) {
  std::vector<dra::ClaimStatus> statuses;
  for (const Grant& grant : node.grants) {
    if (grant.kind != Grant::Kind::claim) continue;
    dra::ClaimStatus status{.ref = ref_of(grant), .devices = {}};
    for (const GrantedVf& vf : grant.vfs) {
      status.devices.push_back(status_of(node, leases, grant, vf));
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

void ClaimStatuses::publish(const NodeState& node, ApiClient& api) {
  std::vector<dra::ClaimStatus> statuses = claim_statuses(node, parts_.leases);
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return;
  if (publisher_ == nullptr) {
    publisher_ = std::make_unique<dra::StatusPublisher>(api, node.config->domain, listener());
  }
  publisher_->publish(statuses, node.now);
}

void ClaimStatuses::remove(const dra::ClaimRef& claim) {
  const std::lock_guard lock(mutex_);
  if (publisher_ != nullptr) publisher_->remove(claim);
}

void ClaimStatuses::stop() {
  std::unique_ptr<dra::StatusPublisher> last;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    last = std::move(publisher_);
  }
}

dra::StatusListener ClaimStatuses::listener() {
  return {.written =
              [this](const dra::ClaimStatus& status) {
                parts_.metrics.add(metric::kClaimStatusWrites, {"done"});
                const bool had_failed = failures_.recovered(kFailed);
                if (failures_.recovered(kRefused) || had_failed) {
                  parts_.log.info("the status of claims is written again");
                }
                parts_.log.debug("the status of a claim was written",
                                 {{"claim", status.ref.label()}, {"uid", status.ref.uid}});
              },
          .failed = [this](const dra::ClaimRef& claim,
                           const Error& error) { tell(claim, kFailed, error); },
          .refused = [this](const dra::ClaimRef& claim,
                            const Error& error) { tell(claim, kRefused, error); }};
}

// Once for all claims: what is wrong is seldom one claim's.
void ClaimStatuses::tell(const dra::ClaimRef& claim, const std::string& what, const Error& error) {
  parts_.metrics.add(metric::kClaimStatusWrites, {what});
  if (!failures_.worth_telling(what, what, dra::StatusPublisher::Clock::now())) return;
  parts_.log.warn("the status of a claim could not be written; its lanes are not affected",
                  {{"claim", claim.label()}, {"reason", error.message()}});
}

}  // namespace sluice
