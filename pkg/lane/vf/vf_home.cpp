// A VF's way home: finding its link wherever it is, and bringing it back.
#include "pkg/base/crash_point.h"
#include "pkg/fs/file_lock.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {
namespace {

// Expanded by the kernel to the first free number; for a link whose own name is taken at home.
constexpr const char* kSpareName = "sluice%d";

// The namespace the lane was given to; nullopt when it is gone.
Result<std::optional<NetNs>> owners_netns(Kernel& kernel, const LaneRecord& lane) {
  std::optional<NetNs> owners = TRY(kernel.find_netns(lane.owner.netns));
  if (owners && owners->cookie() != lane.owner.netns_cookie) owners.reset();
  return owners;
}

}  // namespace

bool VfProvider::is_link_of(const Link& link, const std::string& vf, int index) {
  if (link.parent_bus == "pci") return link.parent_device == vf;
  return index == 0 || link.index == index;
}

Result<std::optional<Link>> VfProvider::link_at_home(const VfLocation& where, int index) const {
  if (where.link.empty()) return std::optional<Link>();
  std::optional<Link> link = TRY(kernel_.links().find(where.link));
  // virtio's parent is on a bus of its own; that sysfs shows the link below the VF is enough there.
  const bool known = link && !link->parent_bus.empty() && link->parent_bus != "pci";
  if (link && !known && !is_link_of(*link, where.vf.to_string(), index)) link.reset();
  return link;
}

Result<std::optional<Link>> VfProvider::find_among(Links& links, const LaneRecord& lane) {
  std::optional<Link> link = TRY(links.find(lane.owner.ifname));
  if (link && is_link_of(*link, lane.id, lane.link_index)) return link;
  link.reset();
  for (Link& candidate : TRY(links.list())) {
    if (is_link_of(candidate, lane.id, lane.link_index)) link = std::move(candidate);
  }
  return link;
}

Result<std::optional<VfProvider::Found>> VfProvider::find_in(std::optional<NetNs> netns,
                                                             const LaneRecord& lane) const {
  if (!netns) return std::optional<Found>();
  std::unique_ptr<Links> links = TRY(kernel_.links_in(*netns));
  std::optional<Link> link = TRY(find_among(*links, lane));
  if (!link) return std::optional<Found>();
  return std::optional<Found>(
      Found{.link = *std::move(link), .netns = std::move(netns), .links = std::move(links)});
}

Result<std::optional<VfProvider::Found>> VfProvider::find_link(const LaneRecord& lane,
                                                               const VfLocation& where,
                                                               Search search) const {
  if (std::optional<Link> link = TRY(link_at_home(where, lane.link_index)); link) {
    return std::optional<Found>(Found{.link = *std::move(link), .netns = {}, .links = {}});
  }
  std::optional<NetNs> owners = TRY(owners_netns(kernel_, lane));
  std::optional<Found> found = TRY(find_in(std::move(owners), lane));
  if (found || search == Search::near) return found;
  std::optional<NetNs> holder = TRY(kernel_.find_netns_holding(lane.id));
  return find_in(std::move(holder), lane);
}

Result<std::optional<Link>> VfProvider::bring_home(const PortRecord& port, const LaneRecord& lane,
                                                   const VfLocation& where, Search search) const {
  if (lane.link_index == 0) return std::optional<Link>();
  VfLocation now = where;
  if (link_is_of_rdma(port, lane)) {
    // Its link goes with it and another one comes, wherever that one is now.
    if (const auto owners = TRY(owners_netns(kernel_, lane))) TRY(move_rdma_home(now, *owners));
    now = TRY(locate(lane));
  }
  const std::optional<Found> found = TRY(find_link(lane, now, search));
  if (!found) {
    const Result<VfLocation> again = locate_vf(sysfs_, where.vf, where.index);
    const bool has_gone = !again || again->driver.empty() || again->driver == kVfioDriver;
    if (has_gone) return std::optional<Link>();
    return Error(Code::busy, fmt::format("the link of VF {} is in no namespace to be found; "
                                         "something keeps its old one alive",
                                         lane.id));
  }
  TRY(move_home(lane, now, *found).context("bring VF {} home", lane.id));
  return std::optional(found->link);
}

Result<> VfProvider::move_rdma_home(const VfLocation& where, const NetNs& pod) const {
  const std::unique_ptr<RdmaDevices> rdma = TRY(kernel_.rdma_in(pod));
  const FileLock one_at_a_time = TRY(FileLock::take(rdma_lock_, kRdmaLockTimeout));
  for (const RdmaDevice& device : TRY(rdma->list())) {
    if (device.name == where.rdma_device) TRY(rdma->move_to(device.index, kernel_.host()));
  }
  crash_point("detach.rdma_moved");
  return {};
}

Result<> VfProvider::move_home_in_reset(const LaneRecord& lane, Links& links, int index,
                                        LinkChange change) const {
  const auto finish = [&]() -> Result<> {
    const VfLocation now = TRY(locate(lane));
    const std::optional<Link> home = TRY(link_at_home(now, index));
    if (!home) return links.change(index, change);
    change.netns = nullptr;  // It has come, and the rest of the change has not.
    if (home->name == lane.home.name) change.name.reset();
    return kernel_.links().change(home->index, change);
  };
  return retrying(finish, is_of_reset, kVfResetTimeout);
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
  // Where another process holds the pod's program, the next attach refuses the VF: see move_in().
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
  if (!moved && is_of_reset(moved.error())) moved = move_home_in_reset(lane, links, index, change);
  if (!moved && moved.error().code() == Code::already_exists) {
    // Another link at home has the name. It came un-renamed, maybe with another index, or it has
    // not come at all.
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
