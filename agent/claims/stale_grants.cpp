#include "agent/claims/stale_grants.h"

#include <algorithm>
#include <utility>

#include "agent/claims/host_claims.h"
#include "agent/claims/read_claim.h"
#include "agent/grants/pod_facts.h"
#include "agent/pod_lanes/host_network.h"
#include "dra/claim/claim_cdi.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

// Once a look; the kubelet answers within milliseconds.
constexpr std::chrono::seconds kLimit{3};

// Names are used again; the CDI devices that the pod has tell whose claim it is. A claim that is
// listed without any may be this one.
bool is_listed(const std::vector<PodClaim>& listed, const Grant& grant) {
  const std::string ours = fmt::format("{}=", dra::kClaimCdiKind);
  return std::ranges::any_of(listed, [&](const PodClaim& claim) {
    const auto has = [&](const auto& is) { return std::ranges::any_of(claim.cdi_devices, is); };
    return has([&](const std::string& id) { return dra::is_of_claim(id, grant.uid); }) ||
           (claim.claim == grant.name &&
            !has([&](const std::string& id) { return id.starts_with(ours); }));
  });
}

// What the API server says: whether the claim is still to have devices of this node.
Result<bool> is_allocated(ApiClient& api, const dra::ClaimRef& ref, const ClaimNodeName& at) {
  const Result<dra::Claim> claim = get_claim(api, ref, at.driver);
  if (!claim && says_gone(claim.error(), ref.name)) return false;
  if (!claim) return claim.error();
  if (claim->ref.uid != ref.uid || !claim->allocation) return false;
  return std::ranges::find(claim->allocation->devices, at.node, &dra::AllocatedDevice::pool) !=
         claim->allocation->devices.end();
}

}  // namespace

StaleGrants::StaleGrants(Parts parts, Announcer announcer)
    : parts_(std::move(parts)), announcer_(std::move(announcer)), kubelet_(parts_.pod_resources) {
  parts_.metrics.add(metric::kOrphans, {"grant"}, 0);
}

void StaleGrants::look(const ClaimNodeName& at, Clock::time_point now) {
  const Result<std::vector<Grant>> grants = parts_.book.grants();
  const Result<Local> local = read_local();
  if (!grants || !local) {
    since_.clear();
    return warn("all", grants ? local.error() : grants.error(), now);
  }
  failures_.recovered("all");
  std::erase_if(since_, [&](const auto& each) {
    return std::ranges::find(*grants, each.first, &Grant::uid) == grants->end();
  });
  for (const Grant& grant : *grants) {
    const Result<bool> waits = judge(grant, *local, at, now);
    if (!waits || !*waits) since_.erase(grant.uid);
    if (!waits) warn(grant.name, waits.error(), now);
    if (waits) failures_.recovered(grant.name);
  }
}

Result<StaleGrants::Local> StaleGrants::read_local() {
  return Local{.records = TRY(read_records(parts_.ledger)), .listed = TRY(kubelet_.claims(kLimit))};
}

// The API server is asked with the claim's turn, so what is prepared later sees what becomes of it.
Result<bool> StaleGrants::judge(const Grant& grant, const Local& local, const ClaimNodeName& at,
                                Clock::time_point now) {
  const auto turn = parts_.turns.take(grant.uid, std::chrono::milliseconds(0));
  if (!turn) return false;  // The kubelet is at it.
  const dra::ClaimRef ref = ref_of(grant);
  if (!TRY(is_stale(grant, ref, local, at))) return false;
  const Clock::time_point since = since_.emplace(grant.uid, now).first->second;
  if (now - since < kBetween) return true;
  TRY(parts_.take_back(ref).context("take back the grant of claim '{}'", grant.name));
  tell(grant);
  return false;
}

// The cheap questions first: of a claim in use the API server is never asked.
Result<bool> StaleGrants::is_stale(const Grant& grant, const dra::ClaimRef& ref, const Local& local,
                                   const ClaimNodeName& at) const {
  if (is_listed(local.listed, grant) || TRY(has_lane(grant, local))) return false;
  ApiClient* const api = parts_.kubernetes.api();
  if (api == nullptr) return Error(Code::busy, "no access to the API server");
  return !TRY(is_allocated(*api, ref, at));
}

// One in place has no namespace that could go: it is the pod's while a process of it lives.
Result<bool> StaleGrants::has_lane(const Grant& grant, const Local& local) const {
  for (const PortRecord& port : local.records) {
    for (const LaneRecord& lane : port.lanes) {
      if (std::ranges::find(grant.vfs, lane.id, &GrantedVf::vf) == grant.vfs.end()) continue;
      const bool is_ours = is_host_claims(lane) && lane.owner.container_id == grant.uid;
      if (!is_ours) return true;
      const Dir proc = TRY(Dir::open(parts_.proc));
      if (TRY(has_processes(proc, lane.owner.pod_uid))) return true;
    }
  }
  return false;
}

void StaleGrants::warn(const std::string& which, const Error& error, Clock::time_point now) {
  if (!failures_.worth_telling(which, error.message(), now)) return;
  announcer_.log().warn("it is not known which grants claims still need",
                        {{"claim", which}, {"reason", error.message()}});
}

void StaleGrants::tell(const Grant& grant) {
  parts_.metrics.add(metric::kOrphans, {"grant"});
  announcer_.warn(
      "took back a grant that the kubelet had not unprepared",
      {{"claim", grant.name}, {"uid", grant.uid}, {"vfs", grant.vfs.size()}},
      {.reason = "StaleGrantTakenBack",
       .action = "Unprepare",
       .note = fmt::format("claim {} (UID {}) is not allocated to this node any more, no "
                           "pod has it, and the kubelet did not unprepare it: its {} "
                           "VFs are free again",
                           grant.name, grant.uid, grant.vfs.size())});
}

}  // namespace sluice
