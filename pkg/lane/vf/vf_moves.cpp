// A VF's way into a pod: one namespace move.
#include <algorithm>
#include <chrono>

#include "pkg/base/crash_point.h"
#include "pkg/fs/file_lock.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {
namespace {

// How long a link is looked for that a moved RDMA device makes: it is there when the move returns,
// but udev may be renaming it.
constexpr std::chrono::seconds kNewLinkTimeout{1};

constexpr std::string_view kNetworkClass = "0x02";  // PCI_BASE_CLASS_NETWORK (linux/pci_ids.h)

}  // namespace

Result<LaneRecord> VfProvider::describe(const LaneRequest& request, const PortRecord& port) {
  const PciAddress address = std::get_if<OfVf>(&request.made_of)->vf;
  const VfLocation where = TRY(locate_vf(sysfs_, address));
  const std::string vf = address.to_string();
  LaneRecord lane;
  lane.id = vf;
  lane.number = where.index;
  lane.char_devices = where.char_devices;
  if (where.driver.empty()) {
    return Error(Code::not_found, fmt::format("VF {} has no driver", vf));
  }
  if (where.driver == kVfioDriver) return lane;
  const std::optional<Link> link = TRY(link_at_home(where, 0));
  if (!link) {
    const auto kind = TRY(sysfs_.read(device_path(address) + "/class")).value_or("");
    if (kind.substr(0, kNetworkClass.size()) != kNetworkClass) {
      return Error(Code::not_found,
                   fmt::format("VF {} is not a network device (class '{}')", vf, kind));
    }
    return Error(Code::busy, fmt::format("the link of VF {} is not in the host's namespace", vf));
  }
  // A lane without a link on record: nothing moves, neither in nor home, and none can be lost.
  if (request.in_place) return lane;
  lane.link_index = link->index;
  lane.home = {.name = link->name, .mac = link->mac.value_or(MacAddress()), .mtu = link->mtu};
  if (vf_driver_of(port.driver).fresh_without_mac && lane.home.mac.is_zero()) {
    lane.home.mac = TRY(own_mac_for(where));
  }
  const UnresetVf* const unreset = port.find_unreset(vf);
  if (unreset != nullptr && unreset->settings.mac) lane.home.mac = *unreset->settings.mac;
  if (where.rdma_device.empty()) return lane;
  RdmaDevices& rdma = *TRY(kernel_.rdma());
  const RdmaNetnsMode mode = TRY(rdma.netns_mode());
  if (mode == RdmaNetnsMode::exclusive) lane.rdma_device = where.rdma_device;
  return lane;
}

bool VfProvider::link_is_of_rdma(const PortRecord& port, const LaneRecord& lane) {
  return vf_driver_of(port.driver).mac_path == MacPath::none && !lane.rdma_device.empty();
}

Result<std::optional<Link>> VfProvider::move_in(const PortRecord& port, LaneRecord& lane,
                                                const Pod& pod, const std::optional<int>& mtu) {
  if (lane.link_index == 0) return std::optional<Link>();
  const bool rdma_first = link_is_of_rdma(port, lane);
  if (rdma_first) {
    const VfLocation where = TRY(locate(lane));
    TRY(move_rdma_in(lane, where, pod.netns));
    lane.link_index = TRY(link_made_by_move(lane, pod));
  }
  if (rdma_first && TRY(find_among(pod.links, lane))) {
    TRY(finish_in_pod(lane, pod, mtu, Error(Code::busy, "bring the new link up")));
  } else {
    TRY(move_link_in(lane, pod, mtu)
            .context("move VF {} into '{}' as '{}'", lane.id, lane.owner.netns, lane.owner.ifname));
  }
  crash_point("attach.link_moved");
  std::optional<Link> there = TRY(pod.links.find(lane.owner.ifname));
  if (!there) return Error(Code::busy, fmt::format("VF {} vanished on its way", lane.id));
  lane.link_index = there->index;
  if (lane.rdma_device.empty() || rdma_first) return there;
  const VfLocation where = TRY(locate(lane));
  TRY(move_rdma_in(lane, where, pod.netns));
  return there;
}

Result<> VfProvider::move_link_in(const LaneRecord& lane, const Pod& pod,
                                  const std::optional<int>& mtu) const {
  Links& host = kernel_.links();
  const std::optional<Link> link = TRY(host.find(lane.link_index));
  if (!link || !is_link_of(*link, lane.id, lane.link_index)) return stay_in_pod(lane, pod, mtu);
  // They would travel along, and clash with the new name or with names in the pod.
  TRY(host.remove_altnames(link->index, link->altnames));
  TRY(host.detach_xdp(link->index, link->xdp_modes));
  Result<> moved = host.change(link->index, {.netns = &pod.netns,
                                             .mtu = mtu,
                                             .name = lane.owner.ifname,
                                             .up = true,
                                             .end_special_modes = true});
  if (moved || !is_of_reset(moved.error())) return moved;
  return finish_in_pod(lane, pod, mtu, std::move(moved));
}

Result<> VfProvider::stay_in_pod(const LaneRecord& lane, const Pod& pod,
                                 const std::optional<int>& mtu) const {
  const std::optional<Link> there = TRY(find_among(pod.links, lane));
  if (!there) return Error(Code::busy, fmt::format("the link of VF {} has just gone", lane.id));
  // A link comes up last of all that a move changes (net/core/rtnetlink.c do_setlink).
  if (there->up && there->name == lane.owner.ifname) return {};
  return finish_in_pod(lane, pod, mtu, Error(Code::busy, "bring the link up"));
}

Result<> VfProvider::finish_in_pod(const LaneRecord& lane, const Pod& pod,
                                   const std::optional<int>& mtu, Result<> moved) const {
  const auto finish = [&]() -> Result<> {
    const std::optional<Link> there = TRY(find_among(pod.links, lane));
    if (!there) return moved;
    LinkChange change{.mtu = mtu, .up = true, .end_special_modes = true};
    if (there->name != lane.owner.ifname) change.name = lane.owner.ifname;
    return pod.links.change(there->index, change);
  };
  return retrying(finish, is_of_reset, kVfResetTimeout);
}

Result<int> VfProvider::link_made_by_move(const LaneRecord& lane, const Pod& pod) const {
  int index = 0;
  // In the host's namespace until Linux 7.1, in the device's from then on (ipoib_main.c
  // ipoib_intf_alloc).
  const auto look = [&]() -> Result<> {
    std::optional<Link> made = TRY(find_among(pod.links, lane));
    const VfLocation where = TRY(locate(lane));
    if (!made) made = TRY(link_at_home(where, 0));
    if (!made) {
      return Error(Code::busy,
                   fmt::format("RDMA device of VF {} has moved and made no link", lane.id));
    }
    index = made->index;
    return {};
  };
  TRY(retrying(
      look, [](const Error& error) { return error.code() == Code::busy; }, kNewLinkTimeout));
  return index;
}

Result<bool> VfProvider::has_rdma_device(const NetNs& netns, const std::string& name) const {
  const std::unique_ptr<RdmaDevices> rdma = TRY(kernel_.rdma_in(netns));
  const std::vector<RdmaDevice> devices = TRY(rdma->list());
  return std::any_of(devices.begin(), devices.end(),
                     [&](const RdmaDevice& device) { return device.name == name; });
}

Result<> VfProvider::move_rdma_in(const LaneRecord& lane, const VfLocation& where,
                                  const NetNs& pod) const {
  RdmaDevices& rdma = *TRY(kernel_.rdma());
  const FileLock one_at_a_time = TRY(FileLock::take(rdma_lock_, kRdmaLockTimeout));
  const std::vector<RdmaDevice> devices = TRY(rdma.list());
  const auto device = std::find_if(devices.begin(), devices.end(), [&](const RdmaDevice& d) {
    return d.name == where.rdma_device;
  });
  if (device == devices.end()) {
    if (lane.lost != Lost::nothing && TRY(has_rdma_device(pod, where.rdma_device))) return {};
    return Error(Code::busy, fmt::format("RDMA device '{}' of VF {} is not in the host's namespace",
                                         where.rdma_device, lane.id));
  }
  TRY(rdma.move_to(device->index, pod).context("move RDMA device '{}'", where.rdma_device));
  crash_point("attach.rdma_moved");
  // Those that containers have are of the device that was lost; Lanes::bring_back() compares.
  if (lane.lost != Lost::nothing) return {};
  const VfLocation after = TRY(locate_vf(sysfs_, where.vf, where.index));
  if (after.char_devices == lane.char_devices) return {};
  // Those that containers are given may be another VF's now.
  return Error(
      Code::busy,
      fmt::format("the move renumbered the character devices of VF {}: containers are "
                  "given {}, it has {}",
                  lane.id, fmt::join(lane.char_devices, ","), fmt::join(after.char_devices, ",")));
}

}  // namespace sluice
