#include "agent/claims/host_claims.h"

#include <algorithm>

#include "agent/pod_lanes/host_network.h"
#include "pkg/annotations/in_place.h"
#include "pkg/base/strings.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

// Owner::beside of such lanes: what they are beside is the claim, no interface.
constexpr const char* kAttachment = "claim";

AttachmentId attachment_of(const std::string& claim_uid) {
  return {.container_id = claim_uid, .ifname = kAttachment};
}

Owner owner_of(const Grant& grant, const std::string& pod, const GrantedVf& vf) {
  Owner owner;
  owner.container_id = grant.uid;
  owner.ifname = vf.vf;  // Its link keeps its name, which others may change.
  owner.beside = kAttachment;
  owner.pod = pod;
  owner.pod_uid = grant.pod_uid;
  return owner;
}

}  // namespace

bool is_host_claims(const LaneRecord& lane) {
  return lane.is_in_place() && lane.owner.beside == kAttachment;
}

Result<> HostClaims::check(const std::vector<dra::ClaimedLane>& lanes) {
  for (const dra::ClaimedLane& lane : lanes) {
    const char* const odd = not_in_place(lane.config);
    if (odd == nullptr) continue;
    return Error(Code::unsupported,
                 fmt::format("request {}: the pod is on the host's network, whose links stay as "
                             "they are, so not with \"{}\"",
                             in_quotes(lane.request), odd));
  }
  return {};
}

Result<std::vector<LaneRecord>> HostClaims::lanes_of(const std::string& claim_uid) const {
  std::vector<LaneRecord> lanes;
  for (const PortRecord& port : TRY(read_records(parts_.ledger))) {
    std::ranges::copy_if(port.lanes, std::back_inserter(lanes), [&](const LaneRecord& lane) {
      return is_host_claims(lane) && lane.owner.container_id == claim_uid;
    });
  }
  return lanes;
}

Result<> HostClaims::make_way(const std::string& claim_uid, const std::string& pod_uid) {
  bool is_anothers = false;
  for (const LaneRecord& lane : TRY(lanes_of(claim_uid))) {
    if (lane.owner.pod_uid == pod_uid) continue;
    const Dir proc = TRY(Dir::open(parts_.proc));
    if (TRY(has_processes(proc, lane.owner.pod_uid))) {
      return Error(Code::busy,
                   fmt::format("pod {} has the claim's lanes on the host's network and still runs",
                               in_quotes(lane.owner.pod)));
    }
    is_anothers = true;
  }
  return is_anothers ? release(claim_uid) : Result<>();
}

Result<> HostClaims::attach(const Grant& grant, const std::string& pod,
                            std::chrono::steady_clock::time_point deadline, Rollback& undo) {
  const std::vector<LaneRecord> lanes = TRY(lanes_of(grant.uid));
  for (const GrantedVf& vf : grant.vfs) {
    const auto lane = std::ranges::find(lanes, vf.vf, &LaneRecord::id);
    const LaneRecord* const there = lane == lanes.end() ? nullptr : &*lane;
    if (!TRY(parts_.lanes.attach_granted(owner_of(grant, pod, vf), there, deadline))) continue;
    undo.add([this, uid = grant.uid, id = vf.vf] {
      // What fails here is repaired: the lane stays recorded as one on its way home.
      static_cast<void>(parts_.lanes.detach(attachment_of(uid), id));
    });
  }
  return {};
}

Result<> HostClaims::release(const std::string& claim_uid) {
  return parts_.lanes.detach_all(attachment_of(claim_uid))
      .context("take back the lanes of the claim with UID '{}'", claim_uid);
}

}  // namespace sluice
