// A software lane's child: made in the pod, looked at there, and taken away wherever it is.
#include <algorithm>

#include "pkg/base/crash_point.h"
#include "pkg/lane/soft/soft_provider.h"
#include "pkg/lane/soft/veth_path.h"

namespace sluice {
namespace {

constexpr const char* kVeth = "veth";

bool is_child_of(const Link& link, const LaneRecord& lane) {
  if (link.kind != lane.child) return false;
  // The index is recorded once the child is up; a crash can come before.
  return lane.link_index != 0 ? link.index == lane.link_index : link.mac == lane.home.mac;
}

void compare(std::vector<Drift>& drifts, const char* what, BitRate expected, BitRate found) {
  if (expected != found) drifts.push_back({what, to_string(expected), to_string(found)});
}

void compare_class(std::vector<Drift>& drifts, const HtbClass& expected,
                   const std::vector<HtbClassState>& classes) {
  const auto found = std::find_if(classes.begin(), classes.end(), [&](const HtbClassState& state) {
    return state.settings.handle == expected.handle;
  });
  if (found == classes.end()) {
    drifts.push_back({"class", to_string(expected.handle), "none"});
    return;
  }
  compare(drifts, "floor", expected.rate, found->settings.rate);
  compare(drifts, "ceiling", expected.ceiling, found->settings.ceiling);
}

void compare_link(std::vector<Drift>& drifts, const LaneRecord& lane,
                  const std::optional<Link>& link) {
  if (!link || !is_child_of(*link, lane)) {
    drifts.push_back({"link", lane.owner.ifname, "none"});
    return;
  }
  if (link->mac != lane.home.mac) {
    drifts.push_back({"mac", lane.home.mac.to_string(),
                      link->mac ? link->mac->to_string() : std::string("none")});
  }
}

}  // namespace

Result<std::optional<Link>> SoftProvider::move_in(const PortRecord& port, LaneRecord& lane,
                                                  const Pod& pod, const std::optional<int>& mtu) {
  const int uplink = TRY(uplink_of(port)).index;
  TRY(kernel_.links()
          .add({.kind = lane.child == kVeth ? LinkKind::veth : LinkKind::macvlan,
                .name = lane.owner.ifname,
                .lower_index = lane.child == kVeth ? 0 : uplink,
                .peer_name = lane.home.name,
                .netns = &pod.netns,
                .mac = lane.home.mac,
                .mtu = mtu ? mtu : std::optional<int>(lane.home.mtu)})
          .context("make lane {} in '{}' as '{}'", lane.id, lane.owner.netns, lane.owner.ifname));
  crash_point("attach.child_made");
  Result<Link> link = bring_up(lane, pod, uplink);
  if (link) {
    lane.link_index = link->index;
    return std::optional<Link>(*std::move(link));
  }
  if (const Result<> undone = remove_from(pod.links, lane); !undone) {
    link.error().append(fmt::format("; undoing it failed too: {}", undone.error().message()));
  }
  return link.error();
}

Result<Link> SoftProvider::bring_up(const LaneRecord& lane, const Pod& pod, int uplink) {
  const std::optional<Link> made = TRY(pod.links.find(lane.owner.ifname));
  if (!made) return Error(Code::busy, fmt::format("lane {} vanished when made", lane.id));
  if (lane.child == kVeth) {
    const std::optional<Link> host_end = TRY(kernel_.links().find(lane.home.name));
    if (!host_end) return Error(Code::busy, fmt::format("lane {} lost its host end", lane.id));
    TrafficControl& tc = *TRY(kernel_.traffic_control());
    TRY(lay(tc, {uplink, host_end->index, lane.number, lane.home.mac}));
    TRY(kernel_.links().change(host_end->index, {.up = true}));
  }
  TRY(pod.links.change(made->index, {.up = true}).context("bring lane {} up", lane.id));
  crash_point("attach.child_up");
  std::optional<Link> up = TRY(pod.links.find(made->index));
  if (!up) return Error(Code::busy, fmt::format("lane {} vanished when brought up", lane.id));
  return *std::move(up);
}

Result<VfSettings> SoftProvider::release(const PortRecord& port, const LaneRecord& lane,
                                         Search /*search*/) {
  TRY(remove_child(lane).context("remove lane {}", lane.id));
  crash_point("detach.child_removed");
  const Result<Link> uplink = uplink_of(port);
  // All went with it.
  if (!uplink && uplink.error().code() == Code::not_found) return VfSettings();
  if (!uplink) return uplink.error();
  TrafficControl& tc = *TRY(kernel_.traffic_control());
  if (lane.child == kVeth) {
    TRY(take_up(tc, uplink->index, lane.number));
    crash_point("detach.path_removed");
  }
  TRY(HtbShaper(tc, uplink->index, port.line_rate).clear(lane.number));
  return VfSettings();
}

Result<> SoftProvider::remove_child(const LaneRecord& lane) {
  if (lane.child == kVeth) {
    // Either end takes the other with it, and this one cannot have been renamed or moved by a pod.
    const std::optional<Link> host_end = TRY(kernel_.links().find(lane.home.name));
    if (!host_end || host_end->kind != kVeth) return {};
    Result<> removed = kernel_.links().remove(host_end->index);
    if (!removed && removed.error().code() == Code::not_found) return {};
    return removed;
  }
  const std::optional<NetNs> owners = TRY(kernel_.find_netns(lane.owner.netns));
  // With the namespace the kernel deletes its macvlans.
  if (!owners || owners->cookie() != lane.owner.netns_cookie) return {};
  const std::unique_ptr<Links> links = TRY(kernel_.links_in(*owners));
  return remove_from(*links, lane);
}

Result<> SoftProvider::remove_from(Links& links, const LaneRecord& lane) {
  std::optional<Link> child = TRY(links.find(lane.owner.ifname));
  if (!child || !is_child_of(*child, lane)) {
    child.reset();
    for (Link& candidate : TRY(links.list())) {  // The pod may have renamed it.
      if (is_child_of(candidate, lane)) child = std::move(candidate);
    }
  }
  if (!child) return {};
  Result<> removed = links.remove(child->index);
  if (!removed && removed.error().code() == Code::not_found) return {};
  return removed;
}

Result<std::vector<Drift>> SoftProvider::inspect(const PortRecord& port, const LaneRecord& lane,
                                                 const Pod& pod) {
  std::vector<Drift> drifts;
  const std::optional<Link> link = TRY(pod.links.find(lane.owner.ifname));
  compare_link(drifts, lane, link);
  const Link uplink = TRY(uplink_of(port));
  TrafficControl& tc = *TRY(kernel_.traffic_control());
  const HtbClass expected = htb_class(lane.number, lane.in_force, port.line_rate);
  compare_class(drifts, expected, TRY(tc.classes(uplink.index)));
  const Filter filter = htb_filter(lane.number, lane.home.mac);
  const std::vector<Filter> filters = TRY(tc.filters(uplink.index, filter.parent));
  if (std::find(filters.begin(), filters.end(), filter) == filters.end()) {
    drifts.push_back({"filter", lane.home.mac.to_string(), "none"});
  }
  return drifts;
}

}  // namespace sluice
