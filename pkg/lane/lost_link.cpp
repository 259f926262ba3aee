#include "pkg/lane/lost_link.h"

#include <algorithm>

#include "pkg/inventory/device.h"

namespace sluice {
namespace {

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

}  // namespace

std::string_view label_of(Lost lost) {
  switch (lost) {
    case Lost::nothing: break;
    case Lost::rdma_device: return "RDMA device";
    case Lost::link: return "link";
  }
  return "nothing";
}

bool can_lose(const LaneRecord& lane) {
  return lane.provider == "vf" && lane.phase == Phase::attached && lane.link_index != 0;
}

Result<AtHome> look_at_home(Links& host, const Dir& sysfs,
                            const std::vector<RdmaDevice>& host_devices, const LaneRecord& lane) {
  const PciAddress vf = TRY(PciAddress::parse(lane.id));
  const auto device = TRY(sysfs.open_dir(device_path(vf)));
  if (!device) return AtHome();
  Result<AtHome> found = look(host, *device, host_devices, lane);
  // What vanishes while it is read is neither here nor there; the next look will tell.
  if (!found && is_gone(found.error())) return AtHome();
  return found;
}

}  // namespace sluice
