#include "dra/status/device_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/rate_text.h"

namespace sluice::dra {
namespace {

using Status = Condition::Status;

constexpr const char* kNotAttached = "NotAttached";
constexpr const char* kLaneLost = "LaneLost";

bool is_attached(const LaneView& view) {
  return view.port != nullptr && view.lane != nullptr && view.lane->phase == Phase::attached;
}

Condition ready(const LaneView& view) {
  if (!is_attached(view)) {
    return {Status::no, kNotAttached, "the lane is prepared, and not in its pod"};
  }
  if (view.lane->lost != Lost::nothing) {
    return {Status::no, kLaneLost,
            fmt::format("a reset of the VF took its {} out of the pod",
                        view.lane->lost == Lost::link ? "link" : "RDMA device")};
  }
  if (!view.settings_drift.empty()) return {Status::no, "SettingsDiffer", view.settings_drift};
  return {Status::yes, "Attached",
          view.lane->is_in_place() ? "the lane is on the host's network, as its pod is"
                                   : "the lane is in its pod"};
}

// Less than was promised is in force: the wire came back slower. Floors that ceilings keep have a
// ceiling in force that is above them.
BitRate kept_floor(const DriverCapability& capability, const LaneRecord& lane) {
  const Rate& asked = lane.asked;
  const Rate& in_force = lane.in_force;
  if (capability.floor != FloorEnforcement::emulated) return std::min(asked.floor, in_force.floor);
  return in_force.ceiling.is_zero() ? asked.floor : std::min(asked.floor, in_force.ceiling);
}

Condition enforced(const DriverCapability& capability, const Rate& asked) {
  const std::string numbers = to_string(asked);
  const FloorEnforcement floor = asked.floor.is_zero() ? FloorEnforcement::hardware  // None to keep
                                                       : capability.floor;
  if (floor == FloorEnforcement::weight) {
    return {Status::yes, "FloorByWeight", numbers + "; the port keeps floors as weights"};
  }
  if (floor == FloorEnforcement::emulated) {
    return {Status::yes, "FloorByCeilings",
            numbers + "; the port has no floors: the ceilings of its lanes leave room for them"};
  }
  return {Status::yes, "ByPort", numbers};
}

Condition bandwidth_enforced(const LaneView& view) {
  if (!is_attached(view)) {
    return {Status::unknown, kNotAttached, "rates are set when the lane comes into its pod"};
  }
  const LaneRecord& lane = *view.lane;
  const DriverCapability& capability = capability_of(view.port->driver);
  const std::string numbers = to_string(lane.asked);
  if (lane.lost == Lost::link) {
    return {Status::no, kLaneLost, numbers + "; nothing of it is in the pod"};
  }
  if (!view.rate_drift.empty()) return {Status::no, "RateDiffers", view.rate_drift};
  if (capability.ceiling == CeilingEnforcement::none) {
    return {Status::no, "PortEnforcesNoRates",
            fmt::format("driver {} limits nothing and guarantees nothing", view.port->driver)};
  }
  const BitRate kept = kept_floor(capability, lane);
  if (kept < lane.asked.floor) {
    return {
        Status::no, "PortTooSlow",
        fmt::format("{} promised, {} kept: the line rate of the port is {}",
                    to_string(lane.asked.floor), to_string(kept), to_string(view.port->line_rate))};
  }
  return enforced(capability, lane.asked);
}

void describe_link(const LaneView& view, DeviceStatus& status) {
  const LaneRecord& lane = *view.lane;
  const bool stays = lane.is_in_place();       // Nothing of it is moved, or on record.
  if (lane.link_index == 0 && !stays) return;  // vfio-pci
  status.interface = stays ? view.host_link : lane.owner.ifname;
  if (!lane.mac().is_zero()) status.hardware_address = lane.mac().to_string();
  status.addresses = view.addresses;
}

}  // namespace

DeviceStatus device_status(const LaneView& view) {
  DeviceStatus status{.request = view.granted.request,
                      .ready = ready(view),
                      .bandwidth_enforced = bandwidth_enforced(view),
                      .interface = {},
                      .hardware_address = {},
                      .addresses = {},
                      .vf = view.granted.vf,
                      .port = view.granted.port,
                      .rate = view.granted.rate,
                      .rdma_device = view.rdma_device};
  if (is_attached(view)) describe_link(view, status);
  return status;
}

}  // namespace sluice::dra
