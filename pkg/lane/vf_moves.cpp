// A VF's way into a pod and home again: one namespace move each.
#include <algorithm>
#include <chrono>
#include <thread>

#include "pkg/base/crash_point.h"
#include "pkg/fs/file_lock.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/vf_provider.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// How long a dying namespace is given to hand its link back: the kernel's cleanup worker does it
// after RCU grace periods, one namespace after the other.
constexpr std::chrono::seconds kReturnPatience{5};
constexpr std::chrono::milliseconds kReturnPause{10};

constexpr std::chrono::seconds kRdmaLockPatience{30};

constexpr const char* kVfioDriver = "vfio-pci";
constexpr std::string_view kNetworkClass = "0x02";  // PCI_BASE_CLASS_NETWORK (linux/pci_ids.h)

// Expanded by the kernel to the first free number; for a link whose own name is taken at home.
constexpr const char* kSpareName = "sluice%d";

// A link's PCI parent says which function it is. Where the kernel names none (a stand-in in a
// test), the index is all there is; 0 is any.
bool is_link_of(const Link& link, const std::string& vf, int index) {
  if (link.parent_bus == "pci") return link.parent_device == vf;
  return index == 0 || link.index == index;
}

}  // namespace

Result<LaneRecord> VfProvider::describe(const LaneRequest& request, const PortRecord& /*port*/) {
  const VfLocation where = TRY(locate_vf(sysfs_, *request.vf));
  const std::string vf = request.vf->to_string();
  LaneRecord lane;
  lane.id = vf;
  lane.provider = "vf";
  lane.number = where.index;
  if (where.driver.empty()) {
    return Error(Code::not_found, fmt::format("VF {} has no driver", vf));
  }
  if (where.driver == kVfioDriver) return lane;
  const std::optional<Link> link = TRY(link_at_home(where, 0));
  if (!link) {
    const auto kind = TRY(sysfs_.read(device_path(*request.vf) + "/class")).value_or("");
    if (kind.substr(0, kNetworkClass.size()) != kNetworkClass) {
      return Error(Code::not_found,
                   fmt::format("VF {} is not a network device (class '{}')", vf, kind));
    }
    return Error(Code::busy, fmt::format("the link of VF {} is not in the host's namespace", vf));
  }
  lane.link_index = link->index;
  lane.home = {.name = link->name, .mac = link->mac.value_or(MacAddress()), .mtu = link->mtu};
  if (where.rdma_device.empty()) return lane;
  RdmaDevices& rdma = *TRY(kernel_.rdma());
  const RdmaNetnsMode mode = TRY(rdma.netns_mode());
  if (mode == RdmaNetnsMode::exclusive) lane.rdma_device = where.rdma_device;
  return lane;
}

Result<std::optional<Link>> VfProvider::link_at_home(const VfLocation& where, int index) const {
  if (where.link.empty()) return std::optional<Link>();
  std::optional<Link> link = TRY(kernel_.links().find(where.link));
  // virtio's parent is on a bus of its own; that sysfs shows the link below the VF is enough there.
  const bool known = link && !link->parent_bus.empty() && link->parent_bus != "pci";
  if (link && !known && !is_link_of(*link, where.vf.to_string(), index)) link.reset();
  return link;
}

Result<std::optional<Link>> VfProvider::move_in(const PortRecord& /*port*/, LaneRecord& lane,
                                                const Pod& pod, const std::optional<int>& mtu) {
  if (lane.link_index == 0) return std::optional<Link>();
  Links& host = kernel_.links();
  const std::optional<Link> link = TRY(host.find(lane.link_index));
  if (!link || !is_link_of(*link, lane.id, lane.link_index)) {
    return Error(Code::busy, fmt::format("the link of VF {} has just gone", lane.id));
  }
  // They would travel along, and clash with the new name or with names in the pod.
  TRY(host.remove_altnames(link->index, link->altnames));
  TRY(host.detach_xdp(link->index, link->xdp_modes));
  TRY(host.change(link->index, {.netns = &pod.netns,
                                .mtu = mtu,
                                .name = lane.owner.ifname,
                                .up = true,
                                .end_special_modes = true})
          .context("move VF {} into '{}' as '{}'", lane.id, lane.owner.netns, lane.owner.ifname));
  crash_point("attach.link_moved");
  std::optional<Link> there = TRY(pod.links.find(lane.owner.ifname));
  if (!there) return Error(Code::busy, fmt::format("VF {} vanished on its way", lane.id));
  lane.link_index = there->index;
  if (lane.rdma_device.empty()) return there;
  const VfLocation where = TRY(locate(lane));
  TRY(move_rdma_in(lane, where, pod.netns));
  return there;
}

Result<> VfProvider::move_rdma_in(const LaneRecord& lane, const VfLocation& where,
                                  const NetNs& pod) const {
  RdmaDevices& rdma = *TRY(kernel_.rdma());
  const FileLock one_at_a_time = TRY(FileLock::take(rdma_lock_, kRdmaLockPatience));
  const std::vector<RdmaDevice> devices = TRY(rdma.list());
  const auto device = std::find_if(devices.begin(), devices.end(), [&](const RdmaDevice& d) {
    return d.name == where.rdma_device;
  });
  if (device == devices.end()) {
    return Error(Code::busy, fmt::format("RDMA device '{}' of VF {} is not in the host's namespace",
                                         where.rdma_device, lane.id));
  }
  TRY(rdma.move_to(device->index, pod).context("move RDMA device '{}'", where.rdma_device));
  crash_point("attach.rdma_moved");
  const VfLocation after = TRY(locate_vf(sysfs_, where.vf, where.index));
  if (after.char_devices == where.char_devices) return {};
  // The container was given nodes by their old numbers, which may be another VF's now.
  return Error(
      Code::busy,
      fmt::format("the move renumbered the character devices of VF {}: {} became {}", lane.id,
                  fmt::join(where.char_devices, ","), fmt::join(after.char_devices, ",")));
}

Result<std::optional<VfProvider::Found>> VfProvider::find_in(std::optional<NetNs> netns,
                                                             const LaneRecord& lane) const {
  if (!netns) return std::optional<Found>();
  std::unique_ptr<Links> links = TRY(kernel_.links_in(*netns));
  std::optional<Link> link = TRY(links->find(lane.owner.ifname));
  if (link && !is_link_of(*link, lane.id, lane.link_index)) link.reset();
  if (!link) {
    for (Link& candidate : TRY(links->list())) {
      if (is_link_of(candidate, lane.id, lane.link_index)) link = std::move(candidate);
    }
  }
  if (!link) return std::optional<Found>();
  return std::optional<Found>(
      Found{.link = *std::move(link), .netns = std::move(netns), .links = std::move(links)});
}

Result<std::optional<VfProvider::Found>> VfProvider::find_link(const LaneRecord& lane,
                                                               const VfLocation& where) const {
  if (std::optional<Link> link = TRY(link_at_home(where, lane.link_index)); link) {
    return std::optional<Found>(Found{.link = *std::move(link), .netns = {}, .links = {}});
  }
  std::optional<NetNs> owners = TRY(kernel_.find_netns(lane.owner.netns));
  if (owners && owners->cookie() != lane.owner.netns_cookie) owners.reset();
  return find_in(std::move(owners), lane);
}

Result<std::optional<Link>> VfProvider::bring_home(const LaneRecord& lane,
                                                   const VfLocation& where) const {
  if (lane.link_index == 0) return std::optional<Link>();
  const Clock::time_point deadline = Clock::now() + kReturnPatience;
  VfLocation now = where;
  std::optional<Found> found = TRY(find_link(lane, now));
  while (!found) {
    if (now.driver.empty() || now.driver == kVfioDriver) return std::optional<Link>();
    if (Clock::now() >= deadline) {
      return Error(Code::busy, fmt::format("the link of VF {} is in no namespace to be found; "
                                           "something keeps its old one alive",
                                           lane.id));
    }
    std::this_thread::sleep_for(kReturnPause);
    const Result<VfLocation> again = locate_vf(sysfs_, where.vf, where.index);
    if (!again) return std::optional<Link>();  // The VF itself has gone.
    now = *again;
    found = TRY(find_link(lane, now));
    if (found) break;
    std::optional<NetNs> holder = TRY(kernel_.find_netns_holding(lane.id));
    found = TRY(find_in(std::move(holder), lane));
  }
  TRY(move_home(lane, now, *found).context("bring VF {} home", lane.id));
  if (!found->netns || found->link.mac == lane.home.mac) return std::optional(found->link);
  now = TRY(locate(lane));  // It has a MAC to be set yet, and maybe another index at home.
  return link_at_home(now, found->link.index);
}

Result<> VfProvider::move_rdma_home(const VfLocation& where, const NetNs& pod) const {
  const std::unique_ptr<RdmaDevices> rdma = TRY(kernel_.rdma_in(pod));
  const FileLock one_at_a_time = TRY(FileLock::take(rdma_lock_, kRdmaLockPatience));
  for (const RdmaDevice& device : TRY(rdma->list())) {
    if (device.name == where.rdma_device) TRY(rdma->move_to(device.index, kernel_.host()));
  }
  crash_point("detach.rdma_moved");
  return {};
}

Result<> VfProvider::move_home(const LaneRecord& lane, const VfLocation& where,
                               const Found& found) const {
  if (found.netns && !lane.rdma_device.empty()) {
    // Before the link: a device left behind would come back with another name, or not be noticed.
    TRY(move_rdma_home(where, *found.netns));
  }
  Links& links = found.links ? *found.links : kernel_.links();
  const int index = found.link.index;
  TRY(links.remove_altnames(index, found.link.altnames));
  // Where somebody holds on to the pod's program, the next attach refuses the VF: see move_in().
  static_cast<void>(links.detach_xdp(index, found.link.xdp_modes));
  LinkChange change{.netns = found.netns ? &kernel_.host() : nullptr,
                    .mac = {},
                    .mtu = lane.home.mtu,
                    .name = lane.home.name,
                    .up = false,
                    .end_special_modes = true};
  if (!found.netns) {
    // Down first: a kernel before 6.2 does not rename what is up.
    if (found.link.up) TRY(links.change(index, {.up = false}));
    if (found.link.name == lane.home.name) change.name.reset();
  }
  Result<> moved = links.change(index, change);
  if (!moved && moved.error().code() == Code::already_exists) {
    // Somebody at home has the name. It came un-renamed, maybe with another index, or it has not
    // come at all.
    const VfLocation now = TRY(locate(lane));
    const std::optional<Link> home = TRY(link_at_home(now, index));
    change.name = kSpareName;
    moved = home ? kernel_.links().change(home->index, {.name = kSpareName, .up = false})
                 : links.change(index, change);
  }
  crash_point("detach.link_moved");
  return moved;
}

}  // namespace sluice
