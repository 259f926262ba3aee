#include "agent/classes/host_lanes.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "agent/pod_lanes/host_network.h"

namespace sluice {
namespace {

Error without_lane(const std::string& vf) {
  return {Code::busy,
          fmt::format("VF {} has no lane in this pod, so nothing limits what is sent with its "
                      "devices: a pod whose network does not run the CNI plugin gets none",
                      vf)};
}

// Whose the VF is: the kubelet's list has names, its checkpoint UIDs.
std::optional<Owner> owner_of(const DeviceKey& device, const std::vector<PodDevice>& held,
                              const std::vector<CheckpointDevice>& kept) {
  const auto is_it = [&](const auto& each) {
    return each.resource == device.resource && each.id == device.id;
  };
  const auto listed = std::ranges::find_if(held, is_it);
  const auto noted = std::ranges::find_if(kept, is_it);
  if (listed == held.end() || noted == kept.end()) return std::nullopt;
  Owner owner;
  owner.container_id = noted->pod_uid;
  owner.ifname = device.id;  // Its link keeps its name, which others may change.
  owner.pod = listed->pod;
  owner.pod_uid = noted->pod_uid;
  return owner;
}

// After a pod's end the kubelet may have given the VF to the next one already.
bool has_passed_on(const LaneRecord& lane, const std::vector<CheckpointDevice>& kept) {
  return std::ranges::any_of(kept, [&](const CheckpointDevice& each) {
    return each.id == lane.id && each.pod_uid != lane.owner.pod_uid;
  });
}

}  // namespace

Result<> HostLanes::attach(const std::string& resource, const std::vector<std::string>& vfs) {
  const std::vector<PodDevice> held = TRY(kubelet_.devices(kLimit));
  const std::vector<CheckpointDevice> kept = TRY(read_device_checkpoint(parts_.checkpoint));
  const Dir proc = TRY(Dir::open(parts_.proc));
  const std::string class_name = resource.substr(resource.find('/') + 1);
  for (const std::string& vf : vfs) {
    const std::optional<Owner> owner = owner_of({resource, vf}, held, kept);
    if (!owner) return without_lane(vf);
    const std::optional<bool> is_host = TRY(is_on_host_network(proc, owner->pod_uid));
    if (!is_host.value_or(false)) return without_lane(vf);
    TRY(attach_one(class_name, vf, *owner));
  }
  return {};
}

Result<> HostLanes::attach_one(const std::string& class_name, const std::string& vf,
                               const Owner& owner) {
  const PciAddress address = TRY(PciAddress::parse(vf));
  std::vector<PodLane> lanes = {{.vf = address, .class_name = class_name, .ifname = {}}};
  TRY(parts_.networks.complete(lanes));
  LaneRequest request;
  request.made_of = OfVf{address};
  request.owner = owner;
  request.settings = lanes[0].settings;
  request.timeout = kTimeout;
  TRY(parts_.lanes.attach(request).context("attach VF {} on the host's network", vf));
  log_.info("a pod on the host's network has a lane", {{"pod", owner.pod}, {"vf", vf}});
  return {};
}

void HostLanes::release_gone(const NodeState& node) {
  if (!node.given) return;
  std::vector<LaneRecord> lanes;
  for (const PortRecord& port : node.after) {
    std::ranges::copy_if(port.lanes, std::back_inserter(lanes), [](const LaneRecord& lane) {
      const Owner& owner = lane.owner;
      return lane.is_in_place() && owner.beside.empty() && owner.container_id == owner.pod_uid;
    });
  }
  if (lanes.empty()) return;
  // What cannot be read tells nothing of the next pod.
  const auto kept =
      read_device_checkpoint(parts_.checkpoint).value_or(std::vector<CheckpointDevice>());
  for (const LaneRecord& lane : lanes) {
    const bool is_given = std::ranges::find(*node.given, lane.id) != node.given->end();
    if (!is_given || has_passed_on(lane, kept)) release(lane, node.now);
  }
}

void HostLanes::release(const LaneRecord& lane, NodeState::Clock::time_point now) {
  const Result<> done = parts_.lanes.detach({lane.owner.container_id, lane.owner.ifname}, lane.id);
  if (done) {
    failures_.recovered(lane.id);
    log_.info("a lane on the host's network was taken back",
              {{"pod", lane.owner.pod}, {"vf", lane.id}});
  } else if (failures_.worth_telling(lane.id, done.error().message(), now)) {
    log_.warn("a lane on the host's network could not be taken back, and is tried again",
              {{"vf", lane.id}, {"reason", done.error().message()}});
  }
}

}  // namespace sluice
