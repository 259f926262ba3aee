#include "agent/pods/host_pod_lanes.h"

#include <algorithm>

#include "agent/pod_lanes/host_network.h"

namespace sluice {
namespace {

// Owner::beside of such lanes: what they are beside is the pod, no interface. Lanes of classes are
// each an attachment of the pod's UID, too.
constexpr const char* kAttachment = "pod";

AttachmentId attachment_of(const std::string& pod_uid) {
  return {.container_id = pod_uid, .ifname = kAttachment};
}

Owner owner_of(const Grant& grant, const GrantedVf& vf) {
  Owner owner;
  owner.container_id = grant.pod_uid;
  owner.ifname = vf.vf;  // Its link keeps its name, which others may change.
  owner.beside = kAttachment;
  owner.pod = grant.name;
  owner.pod_uid = grant.pod_uid;
  return owner;
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

Result<> HostPodLanes::attach(const Grant& grant, std::chrono::steady_clock::time_point deadline) {
  const std::vector<PortRecord> records = TRY(read_records(parts_.ledger));
  for (const GrantedVf& vf : grant.vfs) {
    TRY(parts_.lanes.attach_granted(owner_of(grant, vf), lane_of(grant, vf, records), deadline));
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
