#include "agent/claims/host_claims.h"

#include <algorithm>
#include <utility>

#include "agent/host_network.h"
#include "pkg/annotations/in_place.h"
#include "pkg/base/strings.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// Owner::beside of such lanes: what they are beside is the claim, no interface.
constexpr const char* kAttachment = "claim";

AttachmentId attachment_of(const std::string& claim_uid) {
  return {.container_id = claim_uid, .ifname = kAttachment};
}

LaneRequest request_for(const Grant& grant, const std::string& pod, const GrantedVf& vf,
                        PciAddress address) {
  LaneRequest request;
  request.made_of = OfVf{address};
  request.owner.container_id = grant.uid;
  request.owner.ifname = vf.vf;  // Its link keeps its name, which others may change.
  request.owner.beside = kAttachment;
  request.owner.pod = pod;
  request.owner.pod_uid = grant.pod_uid;
  return request;
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

// A lane that is there and not whole is what a crash has left of an attach.
Result<> HostClaims::attach_one(const LaneRequest& request) {
  for (const LaneRecord& lane : TRY(lanes_of(request.owner.container_id))) {
    if (lane.id != request.owner.ifname) continue;
    TRY(parts_.lanes.detach(attachment_of(lane.owner.container_id), lane.id));
  }
  TRY(parts_.lanes.attach(request));
  return {};
}

Result<> HostClaims::attach(const Grant& grant, const std::string& pod, Clock::time_point deadline,
                            Rollback& undo) {
  const std::vector<LaneRecord> there = TRY(lanes_of(grant.uid));
  for (const GrantedVf& vf : grant.vfs) {
    const auto lane = std::ranges::find(there, vf.vf, &LaneRecord::id);
    if (lane != there.end() && lane->phase == Phase::attached) continue;
    LaneRequest request = request_for(grant, pod, vf, TRY(PciAddress::parse(vf.vf)));
    request.timeout = std::max(
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()), {});
    TRY(attach_one(request).context("attach VF {} on the host's network", vf.vf));
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
