#include "agent/pods/token_lanes.h"

#include <algorithm>
#include <optional>

#include "pkg/inventory/locate_vf.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

// A VF has one lane at most, and its limits are known to be in force only while it is attached and
// not lost.
const LaneRecord* attached_lane(const std::vector<PortRecord>& records, const Grant& grant,
                                const std::string& vf) {
  for (const PortRecord& port : records) {
    for (const LaneRecord& lane : port.lanes) {
      const bool is_its = lane.id == vf && lane.owner.pod_uid == grant.pod_uid;
      const bool is_there = lane.phase == Phase::attached && lane.lost == Lost::nothing;
      if (is_its && is_there) return &lane;
    }
  }
  return nullptr;
}

}  // namespace

Result<TokenLanes::Answer> TokenLanes::of(const DeviceKey& token) {
  const std::vector<PodDevice> listed = TRY(kubelet_.devices(kLimit));
  const std::vector<CheckpointDevice> kept = TRY(read_device_checkpoint(parts_.checkpoint));
  const TokenHolder holder = TRY(holder_of(token, listed, kept));
  const std::vector<Grant> grants = TRY(parts_.grants.peek());
  const Grant grant = TRY(grant_of(holder, grants));
  const std::vector<PortRecord> records = TRY(read_records(parts_.ledger));
  Answer answer{.pod = grant.name, .lanes = {}};
  answer.lanes.reserve(grant.vfs.size());
  for (const GrantedVf& granted : grant.vfs) {
    answer.lanes.push_back(TRY(lane_of(grant, granted, records)));
  }
  return answer;
}

Result<std::set<std::string>> TokenLanes::without_grant(const std::string& resource) const {
  const std::vector<CheckpointDevice> kept = TRY(read_device_checkpoint(parts_.checkpoint));
  const std::vector<Grant> grants = TRY(parts_.grants.peek());
  std::set<std::string> tokens;
  for (const CheckpointDevice& device : kept) {
    const bool is_granted =
        std::ranges::find(grants, device.pod_uid, &Grant::pod_uid) != grants.end();
    if (device.resource == resource && !is_granted) tokens.insert(device.id);
  }
  return tokens;
}

// Devices are numbered again when a driver is: what the VF has now are its own, what was noted may
// have become another's.
Result<CdiLane> TokenLanes::lane_of(const Grant& grant, const GrantedVf& granted,
                                    const std::vector<PortRecord>& records) const {
  const LaneRecord* const lane = attached_lane(records, grant, granted.vf);
  if (lane == nullptr) {
    return Error(Code::busy,
                 fmt::format("VF {} of pod '{}' is not attached", granted.vf, grant.name));
  }
  const PciAddress address = TRY(PciAddress::parse(granted.vf));
  const VfLocation where = TRY(locate_vf(parts_.sysfs, address));
  CdiLane told{.request = granted.request,
               .vf = granted.vf,
               .rdma_device = where.rdma_device,
               .interface = lane->is_in_place() ? where.link : lane->owner.ifname,
               .rate = lane->asked,
               .char_devices = {},
               .vfio_group = {},
               .resource = {}};
  // None were granted where the pod asked for a lane without RDMA.
  if (!granted.char_devices.empty()) told.char_devices = where.char_devices;
  return told;
}

}  // namespace sluice
