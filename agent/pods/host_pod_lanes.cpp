#include "agent/pods/host_pod_lanes.h"

#include <algorithm>
#include <utility>

#include "agent/host_network.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// Owner::beside of such lanes: what they are beside is the pod, no interface. Lanes of classes are
// each an attachment of the pod's UID, too.
constexpr const char* kAttachment = "pod";

AttachmentId attachment_of(const std::string& pod_uid) {
  return {.container_id = pod_uid, .ifname = kAttachment};
}

LaneRequest request_for(const Grant& grant, const GrantedVf& vf, PciAddress address) {
  LaneRequest request;
  request.made_of = OfVf{address};
  request.owner.container_id = grant.pod_uid;
  request.owner.ifname = vf.vf;  // Its link keeps its name, which others may change.
  request.owner.beside = kAttachment;
  request.owner.pod = grant.name;
  request.owner.pod_uid = grant.pod_uid;
  request.needs_grant = true;
  return request;
}

// The pod's lane of the VF, whatever its phase; nullptr without one.
const LaneRecord* lane_of(const Grant& grant, const GrantedVf& vf,
                          const std::vector<PortRecord>& records) {
  const PortRecord* const port = find_record(records, vf.port);
  if (port == nullptr) return nullptr;
  const auto lane = std::ranges::find(port->lanes, vf.vf, &LaneRecord::id);
  const bool is_its =
      lane != port->lanes.end() && is_host_pods(*lane) && lane->owner.container_id == grant.pod_uid;
  return is_its ? &*lane : nullptr;
}

}  // namespace

bool is_host_pods(const LaneRecord& lane) {
  return lane.is_in_place() && lane.owner.beside == kAttachment;
}

bool is_in_force(const Grant& grant, const std::vector<PortRecord>& records) {
  return std::ranges::all_of(grant.vfs, [&](const GrantedVf& vf) {
    const LaneRecord* const lane = lane_of(grant, vf, records);
    return lane != nullptr && lane->phase == Phase::attached;
  });
}

// A lane that is there and not in force is what a crash has left of an attach.
Result<> HostPodLanes::attach(const Grant& grant, Clock::time_point deadline) {
  const std::vector<PortRecord> records = TRY(read_records(parts_.ledger));
  for (const GrantedVf& vf : grant.vfs) {
    const LaneRecord* const lane = lane_of(grant, vf, records);
    if (lane != nullptr && lane->phase == Phase::attached) continue;
    if (lane != nullptr) TRY(parts_.lanes.detach(attachment_of(grant.pod_uid), vf.vf));
    LaneRequest request = request_for(grant, vf, TRY(PciAddress::parse(vf.vf)));
    request.timeout = std::max(
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()), {});
    TRY(parts_.lanes.attach(request).context("attach VF {} on the host's network", vf.vf));
  }
  return {};
}

Result<bool> HostPodLanes::release(const std::string& pod_uid) {
  const Dir proc = TRY(Dir::open(parts_.proc));
  if (TRY(has_processes(proc, pod_uid))) return false;
  TRY(parts_.lanes.detach_all(attachment_of(pod_uid)));
  return true;
}

}  // namespace sluice
