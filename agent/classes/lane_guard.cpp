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

Error of_another_pod(const std::string& vf) {
  return {Code::busy,
          fmt::format("VF {} has no lane in this pod: it has one of another pod still", vf)};
}

}  // namespace

Result<> LaneGuard::check(const std::string& resource, const std::vector<std::string>& vfs) {
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  std::vector<LaneRecord> lanes;
  std::vector<std::string> without;
  for (const std::string& vf : vfs) {
    std::optional<LaneRecord> lane = attached_lane(records, vf);
    if (!lane) {
      without.push_back(vf);
    } else {
      lanes.push_back(*std::move(lane));
    }
  }
  if (!without.empty()) TRY(host_lanes_.attach(resource, without));
  if (lanes.empty()) return {};  // Each has just been made one of its pod.
  // The VF's last pod may have its lane still, while the next one's container starts.
  const std::vector<PodDevice> held = TRY(kubelet_.devices(kLimit));
  for (const LaneRecord& lane : lanes) {
    const bool is_its = std::any_of(held.begin(), held.end(), [&](const PodDevice& each) {
      return each.resource == resource && each.id == lane.id && each.pod == lane.owner.pod;
    });
    if (!is_its && !is_of_init_container(resource, lane)) return of_another_pod(lane.id);
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
