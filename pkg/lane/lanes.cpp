#include "pkg/lane/lanes.h"

#include <algorithm>

#include "pkg/base/crash_point.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/lane/port_rates.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/release.h"

namespace sluice {
namespace {

bool has_lane_of(const PortRecord& port, const AttachmentId& attachment) {
  return std::any_of(port.lanes.begin(), port.lanes.end(), belongs_to(attachment));
}

}  // namespace

Lanes::Lanes(Kernel& kernel, const Dir& sysfs, const Ledger& ledger, const SetAsideStore& aside,
             ProviderSet providers)
    : kernel_(kernel),
      sysfs_(sysfs),
      ledger_(ledger),
      aside_(aside),
      providers_(std::move(providers)) {}

Lanes::~Lanes() = default;

Result<Lane> Lanes::attach(const LaneRequest& request, const NetNs& pod) {
  const std::unique_ptr<Links> pod_links = TRY(kernel_.links_in(pod));
  if (TRY(pod_links->find(request.owner.ifname))) {
    return Error(Code::already_exists,
                 fmt::format("the pod has an interface '{}' already", request.owner.ifname));
  }
  LaneRequest owned = request;
  owned.owner.netns_cookie = pod.cookie();
  return attach_to(owned, {pod, *pod_links});
}

Result<Lane> Lanes::attach_in_place(const LaneRequest& request) {
  LaneRequest owned = request;
  owned.in_place = true;
  owned.owner.netns = kHostNetwork;
  owned.owner.netns_cookie = kernel_.host().cookie();
  return attach_to(owned, {kernel_.host(), kernel_.links()});
}

Result<Lane> Lanes::attach_to(const LaneRequest& request, const Pod& pod) {
  Provider& provider = *TRY(providers_.maker_of(request.made_of));
  Reservation reserved = TRY(reserve(request, provider));
  Result<Lane> lane = bring_in(reserved, provider, pod);
  if (lane) return lane;
  if (const Result<> undone = release_within(std::move(reserved.locked), reserved.id); !undone) {
    lane.error().append(fmt::format("; undoing it failed too: {}", undone.error().message()));
  }
  return lane;
}

Result<Lane> Lanes::bring_in(Reservation& reserved, Provider& provider, const Pod& pod) {
  PortRecord& port = reserved.locked.record();
  const Rewrite rewrite = reserved.rewrite_all ? Rewrite::all : Rewrite::changed;
  TRY(settle(port, reserved.aside, providers_, rewrite));
  LaneRecord& record = *port.find(reserved.id);
  TRY(provider.configure(port, record));
  port.note_unreset({.id = record.id});
  crash_point("attach.configured");
  Lane lane{.record = {}, .port = port.port, .link = {}, .rdma_device = {}};
  {
    const Stopwatch moving(moving_);
    lane.link = TRY(provider.move_in(port, record, pod, reserved.mtu));
  }
  crash_point("attach.moved");
  record.phase = Phase::attached;
  if (lane.link) record.mtu = lane.link->mtu;
  TRY(reserved.locked.save());
  crash_point("attach.attached");
  lane.record = record;
  lane.rdma_device = provider.rdma_of(record).device;
  return lane;
}

Result<bool> Lanes::owner_is_gone(const LaneRecord& lane) {
  if (lane.is_in_place()) return false;
  const std::optional<NetNs> netns = TRY(kernel_.find_netns(lane.owner.netns));
  return !netns || netns->cookie() != lane.owner.netns_cookie;
}

Result<std::optional<LockedPort>> Lanes::find_port(const AttachmentId& attachment,
                                                   const std::string& hint) const {
  std::string likely;
  if (const Result<PciAddress> vf = PciAddress::parse(hint)) {
    if (const Result<VfPort> port = locate_port_of(sysfs_, *vf)) likely = port->address.to_string();
  }
  std::vector<std::string> ports = TRY(ledger_.ports());
  std::stable_partition(ports.begin(), ports.end(),
                        [&](const std::string& port) { return port == likely; });
  for (const std::string& port : ports) {
    if (port != likely) {
      const Result<PortRecord> seen = ledger_.peek(port);
      if (seen && !has_lane_of(*seen, attachment)) continue;
    }
    // Seen, or damaged: then lock() sets the file aside and says so.
    LockedPort locked = TRY(ledger_.lock(port, kLockTimeout));
    if (!has_lane_of(locked.record(), attachment)) continue;
    return std::optional<LockedPort>(std::move(locked));
  }
  return std::optional<LockedPort>();
}

Result<std::vector<std::string>> Lanes::ports_with(const AttachmentId& attachment) const {
  std::vector<std::string> ports = TRY(ledger_.ports());
  std::erase_if(ports, [&](const std::string& port) {
    const Result<PortRecord> seen = ledger_.peek(port);
    return seen && !has_lane_of(*seen, attachment);
  });
  return ports;
}

Result<Lane> Lanes::check(const AttachmentId& attachment, const NetNs& pod) {
  std::optional<LockedPort> locked = TRY(find_port(attachment, {}));
  if (!locked) {
    return Error(Code::not_found,
                 fmt::format("no lane is recorded for container '{}' interface '{}'",
                             attachment.container_id, attachment.ifname));
  }
  const std::unique_ptr<Links> links = TRY(kernel_.links_in(pod));
  const PortRecord& port = locked->record();
  const LaneRecord& lane =
      *std::find_if(port.lanes.begin(), port.lanes.end(), belongs_to(attachment));
  return check_lane(port, lane, {pod, *links});
}

Result<std::vector<Lane>> Lanes::check_all(const AttachmentId& attachment, const NetNs& pod) {
  const std::unique_ptr<Links> links = TRY(kernel_.links_in(pod));
  std::vector<Lane> lanes;
  for (const std::string& port : TRY(ports_with(attachment))) {
    const LockedPort locked = TRY(ledger_.lock(port, kLockTimeout));
    for (const LaneRecord& lane : locked.record().lanes) {
      if (!belongs_to(attachment)(lane)) continue;
      lanes.push_back(TRY(check_lane(locked.record(), lane, {pod, *links})));
    }
  }
  return lanes;
}

Result<Lane> Lanes::check_lane(const PortRecord& port, const LaneRecord& lane, const Pod& pod) {
  if (lane.phase != Phase::attached) {
    return Error(Code::internal,
                 fmt::format("lane {} is '{}', not 'attached'", lane.id, to_string(lane.phase)));
  }
  if (lane.lost != Lost::nothing) {
    return Error(Code::busy, fmt::format("lane {} has lost its {} to a reset of its VF; the agent "
                                         "brings it in again",
                                         lane.id, label_of(lane.lost)));
  }
  Provider& provider = *TRY(providers_.named(lane.provider).context("lane {}", lane.id));
  std::string differences;
  for (const Drift& drift : TRY(provider.inspect(port, lane, pod))) {
    differences += fmt::format("{}{}: {} expected, {} found", differences.empty() ? "" : "; ",
                               drift.what, drift.expected, drift.found);
  }
  if (!differences.empty()) {
    return Error(Code::internal, fmt::format("lane {} differs: {}", lane.id, differences));
  }
  return Lane{.record = lane,
              .port = port.port,
              .link = TRY(pod.links.find(lane.owner.ifname)),
              .rdma_device = provider.rdma_of(lane).device};
}

}  // namespace sluice
