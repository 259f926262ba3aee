#include "pkg/lane/lanes.h"

#include <algorithm>

#include "pkg/base/crash_point.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/lane/lost_link.h"
#include "pkg/lane/port_rates.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/soft_provider.h"
#include "pkg/lane/vf_provider.h"
#include "pkg/lane/vf_repair.h"

namespace sluice {
namespace {

// How long a verb other than attach waits for a port's lock: many times what a holder needs for one
// lane, so that only a stuck kernel makes it fail.
constexpr std::chrono::seconds kLockPatience{30};

// What LaneRecord::provider says.
constexpr const char* kVf = "vf";
constexpr const char* kSoft = "soft";

// Whether the attachment brought the lane into its pod.
auto belongs_to(const AttachmentId& attachment) {
  return [&attachment](const LaneRecord& lane) {
    return lane.owner.container_id == attachment.container_id &&
           lane.owner.attached_by() == attachment.ifname;
  };
}

bool has_lane_of(const PortRecord& port, const AttachmentId& attachment) {
  return std::any_of(port.lanes.begin(), port.lanes.end(), belongs_to(attachment));
}

/// Adds the time it lives.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::nanoseconds& sum) : sum_(sum) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { sum_ += std::chrono::steady_clock::now() - start_; }

 private:
  std::chrono::nanoseconds& sum_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool is_settled(const LaneRecord& lane) {
  return lane.phase == Phase::configured || lane.phase == Phase::attached;
}

}  // namespace

Lanes::Lanes(Kernel& kernel, const Dir& sysfs, const Ledger& ledger, const OfferStore& offers)
    : kernel_(kernel),
      sysfs_(sysfs),
      ledger_(ledger),
      offers_(offers),
      vf_repair_(std::make_unique<VfRepair>()) {
  providers_.emplace(
      kVf, std::make_unique<VfProvider>(kernel, sysfs, ledger.run_dir() + "/locks/rdma.lock"));
  providers_.emplace(kSoft, std::make_unique<SoftProvider>(kernel, sysfs));
}

Lanes::~Lanes() = default;

Result<Provider*> Lanes::provider_named(const std::string& name) const {
  const auto found = providers_.find(name);
  if (found != providers_.end()) return found->second.get();
  return Error(Code::unsupported, fmt::format("this version of sluice has no provider '{}'", name));
}

Result<Lane> Lanes::attach(const LaneRequest& request, const NetNs& pod) {
  const std::unique_ptr<Links> pod_links = TRY(kernel_.links_in(pod));
  if (TRY(pod_links->find(request.owner.ifname))) {
    return Error(Code::already_exists,
                 fmt::format("the pod has an interface '{}' already", request.owner.ifname));
  }
  LaneRequest owned = request;
  owned.owner.netns_cookie = pod.cookie();
  Provider& provider = *TRY(provider_named(request.vf ? kVf : kSoft));
  Reservation reserved = TRY(reserve(owned, provider));
  Result<Lane> lane = bring_in(reserved, provider, {pod, *pod_links}, request.mtu);
  if (lane) return lane;
  if (const Result<> undone = release(reserved.book, reserved.id); !undone) {
    lane.error().append(fmt::format("; undoing it failed too: {}", undone.error().message()));
  }
  return lane;
}

Result<Lane> Lanes::bring_in(Reservation& reserved, Provider& provider, const Pod& pod,
                             const std::optional<int>& mtu) {
  PortRecord& port = reserved.book.record();
  const Rewrite rewrite = reserved.all_anew ? Rewrite::all : Rewrite::changed;
  TRY(settle(port, reserved.offers, provider, rewrite));
  LaneRecord& record = *port.find(reserved.id);
  TRY(provider.configure(port, record));
  port.note_unreset({.id = record.id});
  crash_point("attach.configured");
  Lane lane{.record = {}, .port = port.port, .link = {}, .rdma_device = {}};
  {
    const Stopwatch moving(moving_);
    lane.link = TRY(provider.move_in(port, record, pod, mtu));
  }
  crash_point("attach.moved");
  record.phase = Phase::attached;
  if (lane.link) record.mtu = lane.link->mtu;
  TRY(reserved.book.save());
  crash_point("attach.attached");
  lane.record = record;
  lane.rdma_device = provider.rdma_device_of(record);
  return lane;
}

Result<> Lanes::release(PortBook& book, const std::string& id) {
  PortRecord& port = book.record();
  LaneRecord& lane = *port.find(id);
  Provider& provider = *TRY(provider_named(lane.provider)
                                .context("release lane {} of port {}", id, port_label(port.port)));
  // After a crash or a failed attach the record may be behind what was written to the others.
  const Rewrite rewrite = is_settled(lane) ? Rewrite::changed : Rewrite::all;
  lane.phase = Phase::releasing;
  TRY(book.save());
  crash_point("detach.releasing");
  {
    const Stopwatch moving(moving_);
    const VfSettings left =
        TRY(provider.release(port, lane)
                .context("release lane {} of port {}", id, port_label(port.port)));
    port.note_unreset({.id = lane.id, .number = lane.number, .settings = left});
  }
  crash_point("detach.released");
  port.lanes.erase(port.lanes.begin() + (&lane - port.lanes.data()));
  // Where this fails (a port without carrier) the others keep less than they could have, never less
  // than their floors, and the next change of the port tries again: no reason to fail a release.
  if (const Result<std::vector<Offer>> offers = offers_.load(); offers && !port.lanes.empty()) {
    static_cast<void>(settle(port, *offers, provider, rewrite));
  }
  crash_point("detach.settled");
  TRY(book.save());
  crash_point("detach.cleared");
  return {};
}

Result<bool> Lanes::owner_is_gone(const LaneRecord& lane) {
  const std::optional<NetNs> netns = TRY(kernel_.find_netns(lane.owner.netns));
  return !netns || netns->cookie() != lane.owner.netns_cookie;
}

Result<std::optional<PortBook>> Lanes::find_book(const AttachmentId& attachment,
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
    PortBook book = TRY(ledger_.lock(port, kLockPatience));
    if (has_lane_of(book.record(), attachment)) return std::optional<PortBook>(std::move(book));
  }
  return std::optional<PortBook>();
}

Result<> Lanes::detach(const AttachmentId& attachment, const std::string& hint) {
  std::optional<PortBook> book = TRY(find_book(attachment, hint));
  if (!book) return {};
  const std::vector<LaneRecord>& lanes = book->record().lanes;
  const auto is_its = belongs_to(attachment);
  auto found = std::find_if(lanes.begin(), lanes.end(), [&](const LaneRecord& lane) {
    return lane.id == hint && is_its(lane);
  });
  if (found == lanes.end()) found = std::find_if(lanes.begin(), lanes.end(), is_its);
  return found == lanes.end() ? Result<>() : release(*book, std::string(found->id));
}

Result<std::vector<std::string>> Lanes::ports_with(const AttachmentId& attachment) const {
  std::vector<std::string> ports = TRY(ledger_.ports());
  std::erase_if(ports, [&](const std::string& port) {
    const Result<PortRecord> seen = ledger_.peek(port);
    return seen && !has_lane_of(*seen, attachment);
  });
  return ports;
}

Result<> Lanes::detach_all(const AttachmentId& attachment) {
  return release_on(TRY(ports_with(attachment)), belongs_to(attachment));
}

Result<Lane> Lanes::check(const AttachmentId& attachment, const NetNs& pod) {
  std::optional<PortBook> book = TRY(find_book(attachment, {}));
  if (!book) {
    return Error(Code::not_found,
                 fmt::format("no lane is recorded for container '{}' interface '{}'",
                             attachment.container_id, attachment.ifname));
  }
  const std::unique_ptr<Links> links = TRY(kernel_.links_in(pod));
  const PortRecord& port = book->record();
  const LaneRecord& lane =
      *std::find_if(port.lanes.begin(), port.lanes.end(), belongs_to(attachment));
  return check_lane(port, lane, {pod, *links});
}

Result<std::vector<Lane>> Lanes::check_all(const AttachmentId& attachment, const NetNs& pod) {
  const std::unique_ptr<Links> links = TRY(kernel_.links_in(pod));
  std::vector<Lane> lanes;
  for (const std::string& port : TRY(ports_with(attachment))) {
    const PortBook book = TRY(ledger_.lock(port, kLockPatience));
    for (const LaneRecord& lane : book.record().lanes) {
      if (!belongs_to(attachment)(lane)) continue;
      lanes.push_back(TRY(check_lane(book.record(), lane, {pod, *links})));
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
  Provider& provider = *TRY(provider_named(lane.provider).context("lane {}", lane.id));
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
              .rdma_device = provider.rdma_device_of(lane)};
}

Result<> Lanes::release_where(const std::string& port,
                              const std::function<bool(const LaneRecord&)>& is) {
  PortBook book = TRY(ledger_.lock(port, kLockPatience));
  std::vector<std::string> ids;
  for (const LaneRecord& lane : book.record().lanes) {
    if (is(lane)) ids.push_back(lane.id);
  }
  std::reverse(ids.begin(), ids.end());  // As they were given, backwards.
  std::string failures;
  for (const std::string& id : ids) {
    if (const Result<> released = release(book, id); !released) {
      failures += (failures.empty() ? "" : "; ") + released.error().message();
    }
  }
  if (failures.empty()) return {};
  return Error(Code::busy, failures);
}

Result<> Lanes::collect(const std::string& network, std::span<const AttachmentId> keep) {
  const auto is_stale = [&](const LaneRecord& lane) {
    const AttachmentId id{lane.owner.container_id, lane.owner.attached_by()};
    return lane.owner.network == network && std::find(keep.begin(), keep.end(), id) == keep.end();
  };
  return release_on(TRY(ledger_.ports()), is_stale);
}

Result<> Lanes::recover() {
  return release_on(TRY(ledger_.ports()),
                    [&](const LaneRecord& lane) { return !is_settled(lane) || is_orphan(lane); });
}

Result<> Lanes::release_on(const std::vector<std::string>& ports,
                           const std::function<bool(const LaneRecord&)>& is) {
  std::string failures;
  for (const std::string& port : ports) {
    if (const Result<> done = release_where(port, is); !done) {
      failures += (failures.empty() ? "" : "; ") + done.error().message();
    }
  }
  if (failures.empty()) return {};
  return Error(Code::busy, failures);
}

}  // namespace sluice
