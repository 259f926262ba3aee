#include "agent/classes/lane_guard.h"

#include <algorithm>
#include <optional>

#include "pkg/kubelet/device_checkpoint.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

std::optional<LaneRecord> attached_lane(const std::vector<PortRecord>& records,
                                        const std::string& vf) {
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      if (lane.id == vf && lane.phase == Phase::attached) return lane;
    }
  }
  return std::nullopt;
}

Error without_lane(const std::string& vf) {
  return {Code::busy,
          fmt::format("VF {} has no lane in this pod, so nothing limits what is sent with its "
                      "devices: a pod on the host's network, and a pod whose network does not run "
                      "the CNI plugin get none",
                      vf)};
}

}  // namespace

Result<> LaneGuard::check(const std::string& resource, const std::vector<std::string>& vfs) {
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  std::vector<LaneRecord> lanes;
  for (const std::string& vf : vfs) {
    std::optional<LaneRecord> lane = attached_lane(records, vf);
    if (!lane) return without_lane(vf);
    lanes.push_back(*std::move(lane));
  }
  // The VF's last pod may have its lane still, while the next one's container starts.
  const std::vector<PodDevice> held = TRY(kubelet_.devices(kLimit));
  for (const LaneRecord& lane : lanes) {
    const bool is_its = std::any_of(held.begin(), held.end(), [&](const PodDevice& each) {
      return each.resource == resource && each.id == lane.id && each.pod == lane.owner.pod;
    });
    if (!is_its && !is_of_init_container(resource, lane)) return without_lane(lane.id);
  }
  return {};
}

bool LaneGuard::is_of_init_container(const std::string& resource, const LaneRecord& lane) const {
  const std::string& uid = lane.owner.pod_uid;
  const auto kept = read_device_checkpoint(checkpoint_);
  if (uid.empty() || !kept) return false;
  return std::any_of(kept->begin(), kept->end(), [&](const CheckpointDevice& each) {
    return each.resource == resource && each.id == lane.id && each.pod_uid == uid;
  });
}

}  // namespace sluice
