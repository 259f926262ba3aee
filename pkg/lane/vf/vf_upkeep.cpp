// What the agent looks at again and again: settings of attached VFs, what releases have left of
// free ones, and links and RDMA devices that a reset took out of pods.
#include <algorithm>

#include "pkg/bandwidth/capability.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {
namespace {

bool may_drift(const PortRecord& port) {
  const DriverCapability& capability = capability_of(port.driver);
  const bool is_written = capability.ceiling != CeilingEnforcement::none || capability.vf_settings;
  return is_written && any_watched(port);
}

Result<std::optional<Link>> link_at_home(Links& host, const Dir& device, const LaneRecord& lane) {
  const std::string driver = TRY(driver_of(device));
  const std::string name = TRY(link_of(device, driver));
  if (name.empty()) return std::optional<Link>();
  std::optional<Link> link = TRY(host.find(name));
  const bool is_others = link && link->parent_bus == "pci" && link->parent_device != lane.id;
  if (is_others) link.reset();  // udev gave the name to another one since.
  return link;
}

Result<AtHome> look(Links& host, const Dir& device, const std::vector<RdmaDevice>& host_devices,
                    const LaneRecord& lane) {
  AtHome found{.link = TRY(link_at_home(host, device, lane)), .rdma_device = {}};
  if (lane.rdma_device.empty() || host_devices.empty()) return found;
  const RdmaNames rdma = TRY(rdma_of(device));
  const bool is_here =
      std::any_of(host_devices.begin(), host_devices.end(),
                  [&](const RdmaDevice& other) { return other.name == rdma.device; });
  if (is_here) found.rdma_device = rdma.device;
  return found;
}

// Whether the lane is in a pod with a link: others lose nothing.
bool can_lose(const LaneRecord& lane) {
  return lane.phase == Phase::attached && lane.link_index != 0;
}

}  // namespace

Result<VfList> VfProvider::read_vfs(const PortRecord& port) const {
  const auto lane = std::find_if(port.lanes.begin(), port.lanes.end(), [](const LaneRecord& each) {
    return each.provider == kVfProvider;
  });
  if (lane == port.lanes.end()) {
    return Error(Code::invalid_argument, fmt::format("port {} has no VF lane", port.port));
  }
  const VfLocation where = TRY(locate(*lane));
  const Uplink uplink = TRY(uplink_of(port, where));
  return uplink.shaper->read_back();
}

Result<bool> VfProvider::is_in_order(const PortRecord& port) {
  if (!may_drift(port)) return true;
  const VfList reported = TRY(read_vfs(port));
  return repair_.is_in_order(port, reported);
}

Result<std::vector<LaneRepair>> VfProvider::repair(const PortRecord& port) {
  if (!may_drift(port)) return std::vector<LaneRepair>();
  const VfList reported = TRY(read_vfs(port));
  return repair_.mend(*this, port, reported);
}

Result<> VfProvider::set_again(const PortRecord& port, const LaneRecord& lane,
                               const VfSettings& settings) {
  const VfLocation where = TRY(locate(lane));
  const Uplink uplink = TRY(uplink_of(port, where));
  return set(uplink.index, lane.number, settings);
}

void VfProvider::finish_resets(PortRecord& port) {
  const std::vector<UnresetVf> all = port.unreset;
  for (const UnresetVf& vf : all) {
    if (port.find(vf.id) != nullptr) continue;  // Its lane starts from baseline by itself.
    const Result<VfSettings> left = finish_reset(port, vf);
    if (left) port.note_unreset({.id = vf.id, .number = vf.number, .settings = *left});
  }
}

Result<bool> VfProvider::is_away(const LaneRecord& lane) {
  if (lane.link_index == 0) return false;
  const PciAddress address = TRY(PciAddress::parse(lane.id));
  const auto device = TRY(sysfs_.open_dir(device_path(address)));
  if (!device) return false;
  const std::string driver = TRY(driver_of(*device));
  if (driver.empty()) return false;
  const std::string link = TRY(link_of(*device, driver));
  return link.empty() && TRY(has_net_directory(*device, driver));
}

Result<AtHome> VfProvider::look_at_home(const LaneRecord& lane,
                                        const std::vector<RdmaDevice>& host_devices) {
  if (!can_lose(lane)) return AtHome();
  const PciAddress vf = TRY(PciAddress::parse(lane.id));
  const auto device = TRY(sysfs_.open_dir(device_path(vf)));
  if (!device) return AtHome();
  Result<AtHome> found = look(kernel_.links(), *device, host_devices, lane);
  // What vanishes while it is read is neither here nor there; the next look will tell.
  if (!found && is_gone(found.error())) return AtHome();
  return found;
}

}  // namespace sluice
