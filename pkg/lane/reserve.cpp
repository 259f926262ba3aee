// The first half of an attach: waiting for the VF, admission, and the record that precedes every
// touch of the kernel.
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "pkg/bandwidth/admission.h"
#include "pkg/base/crash_point.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/port_rates.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/release.h"
#include "pkg/lane/timeouts.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// What the lane's VF is set aside for; neither where it is not.
struct Title {
  const Offer* offer = nullptr;
  FoundGrant grant = {};

  explicit operator bool() const { return offer != nullptr || grant; }

  Rate rate() const { return offer != nullptr ? offer->rate : grant ? grant.vf->rate : Rate(); }

  std::string said() const {
    if (offer != nullptr) return fmt::format("offered under class '{}'", offer->class_name);
    return fmt::format("granted to '{}'", grant.grant->name);
  }
};

Error exceeds(const char* what, BitRate asked, BitRate given, const std::string& vf,
              const Title& title) {
  return {Code::invalid_argument,
          fmt::format("{} {} asked, but VF {} is {} with {}", what, to_string(asked), vf,
                      title.said(), to_string(given))};
}

// A VF that one pod was granted is no other pod's, though it may be free just now. A pod that has
// ended may have lost its grant while this attach waited.
Result<Title> title_of(const SetAside& aside, const std::string& vf, const LaneRequest& request) {
  const Owner& owner = request.owner;
  const Title title{.offer = offer_of(aside.offers, vf), .grant = grant_of(aside.grants, vf)};
  if (!title.grant && request.needs_grant) {
    return Error(Code::invalid_argument,
                 fmt::format("the grant of VF {} to the pod with UID '{}' was taken back", vf,
                             owner.pod_uid));
  }
  if (!title.grant || title.grant.grant->pod_uid == owner.pod_uid) return title;
  return Error(Code::invalid_argument,
               fmt::format("VF {} is {}, for the pod with UID '{}'; this one has UID '{}'", vf,
                           title.said(), title.grant.grant->pod_uid, owner.pod_uid));
}

// Containers are given the nodes that were noted for the VF. A device that moves into the pod can
// get others on the way, so that is judged when it is there; one that stays has its own already.
Result<> use_noted_nodes(LaneRecord& lane, std::vector<std::string> noted) {
  if (noted.empty()) return {};
  if (lane.rdma_device.empty() && lane.char_devices != noted) {
    return Error(Code::internal,
                 fmt::format("containers are given character devices {} with VF {}, which has {} "
                             "now; a new pod is given those",
                             fmt::join(noted, ","), lane.id, fmt::join(lane.char_devices, ",")));
  }
  lane.char_devices = std::move(noted);
  return {};
}

// What the lane may use: what was asked, else what its VF is set aside with, else nothing promised
// and no limit. More than that promises is never given.
Result<Rate> rate_of(const LaneRequest& request, const std::string& vf, const Title& title) {
  const Rate given = title.rate();
  const Rate rate{.floor = request.floor.value_or(given.floor),
                  .ceiling = request.ceiling.value_or(given.ceiling)};
  if (!title) return rate;
  if (rate.floor > given.floor) return exceeds("floor", rate.floor, given.floor, vf, title);
  const bool unlimited = rate.ceiling.is_zero();
  if (!given.ceiling.is_zero() && (unlimited || rate.ceiling > given.ceiling)) {
    return exceeds("ceiling", rate.ceiling, given.ceiling, vf, title);
  }
  return rate;
}

// Of two links with one MAC on one VLAN a port's switch serves the last one to come, without a word
// to the other. Zero is a lane without an Ethernet address.
bool share_mac(const LaneRecord& lane, const LaneRecord& other) {
  const auto vlan = [](const LaneRecord& of) { return of.settings.vlan.value_or(VlanTag{}).id; };
  return !lane.mac().is_zero() && lane.mac() == other.mac() && vlan(lane) == vlan(other);
}

// The line rate by which the port's lanes are judged and divided from now on.
void take_line_rate(PortRecord& port, const PortFacts& facts) {
  if (facts.line_rate.is_zero()) return;
  port.line_rate = facts.line_rate;
  // Of a port with lanes the repair loop follows it, once their rates are written.
  if (port.lanes.empty()) port.carrier_changes = facts.carrier_changes;
}

}  // namespace

Result<> Lanes::release_remains(LockedPort& locked, const std::string& id) {
  std::vector<std::string> crashed;
  for (const LaneRecord& lane : locked.record().lanes) {
    if (!is_settled(lane)) crashed.push_back(lane.id);
  }
  for (const std::string& lane : crashed) {
    // Another lane's remains are no reason to refuse this one: they stay recorded, and counted.
    const Search search = lane == id ? Search::everywhere : Search::near;
    if (const Result<> released = release(locked, lane, search); !released && lane == id) {
      return Error(Code::busy, released.error().message());
    }
  }
  return {};
}

Result<> Lanes::make_way(LockedPort& locked, const LaneRequest& request, const std::string& id) {
  TRY(release_remains(locked, id));
  for (const LaneRecord& lane : locked.record().lanes) {
    if (!lane.owner.is(request.owner.container_id, request.owner.ifname)) continue;
    return Error(Code::already_exists,
                 fmt::format("container '{}' has lane {} as '{}' already; it needs a DEL first",
                             lane.owner.container_id, lane.id, lane.owner.ifname));
  }
  const LaneRecord* const holder = id.empty() ? nullptr : locked.record().find(id);
  if (holder == nullptr) return {};
  if (TRY(owner_is_gone(*holder))) return release(locked, id, Search::everywhere);
  return Error(
      Code::busy,
      fmt::format("VF {} is still held by container '{}' as '{}' (network '{}')", id,
                  holder->owner.container_id, holder->owner.ifname, holder->owner.network));
}

Result<> Lanes::make_way_for_mac(LockedPort& locked, const LaneRecord& lane) {
  const std::vector<LaneRecord>& lanes = locked.record().lanes;
  const auto holder = std::find_if(lanes.begin(), lanes.end(),
                                   [&](const LaneRecord& other) { return share_mac(lane, other); });
  if (holder == lanes.end()) return {};
  const bool same_pod = holder->owner.container_id == lane.owner.container_id;
  if (!same_pod && TRY(owner_is_gone(*holder))) {
    return release(locked, std::string(holder->id), Search::everywhere);
  }
  return Error(
      same_pod ? Code::already_exists : Code::busy,
      fmt::format("MAC {} is that of lane {} of port {}, held by container '{}' as '{}' "
                  "(network '{}')",
                  lane.mac().to_string(), holder->id, port_label(locked.record().port),
                  holder->owner.container_id, holder->owner.ifname, holder->owner.network));
}

Result<> Lanes::try_to_reserve(Reservation& reserved, const LaneRequest& request,
                               const PortFacts& facts, Provider& provider) {
  LockedPort& locked = reserved.locked;
  PortRecord& port = locked.record();
  port.driver = facts.driver;
  TRY(make_way(locked, request, facts.lane_id));
  reserved.aside = TRY(aside_.peek());
  LaneRecord lane = TRY(provider.describe(request, port));
  lane.provider = provider.name();
  const BitRate line_rate_before = port.line_rate;
  take_line_rate(port, facts);
  reserved.rewrite_all = port.line_rate != line_rate_before;
  const Title title = TRY(title_of(reserved.aside, lane.id, request));
  lane.phase = Phase::reserved;
  lane.owner = request.owner;
  lane.settings = request.settings;
  lane.asked = TRY(rate_of(request, lane.id, title));
  reserved.mtu = request.mtu;
  if (title.offer != nullptr) {
    lane.class_name = title.offer->class_name;
    std::vector<std::string> noted = TRY(aside_.offers.nodes_of(lane.id));
    TRY(use_noted_nodes(lane, std::move(noted)));
  } else if (title.grant) {
    merge(lane.settings, title.grant.vf->settings);
    if (title.grant.vf->mtu != 0) reserved.mtu = title.grant.vf->mtu;
    TRY(use_noted_nodes(lane, title.grant.vf->char_devices));
  }
  TRY(make_way_for_mac(locked, lane));

  const DriverCapability& capability = capability_of(port.driver);
  const PortBudget budget = budget_of(port, reserved.aside);
  TRY(check_carries(budget));
  TRY(validate(capability, facts.line_rate, lane.asked).context("port {}", port_label(port.port)));
  if (!title) {
    TRY(admit(budget, effective_promise(capability, lane.asked.floor)));
  }
  port.lanes.push_back(lane);
  TRY(locked.save());
  crash_point("attach.reserved");
  reserved.id = lane.id;
  return {};
}

Result<Lanes::Reservation> Lanes::reserve(const LaneRequest& request, Provider& provider) {
  const Clock::time_point start = Clock::now();
  const Clock::time_point deadline = start + request.timeout;
  for (;;) {
    const PortFacts facts = TRY(provider.port_of(request));
    {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::max(deadline - Clock::now(), Clock::duration::zero()));
      Reservation reserved{.locked = TRY(ledger_.lock(facts.port, left))};
      Result<> done = try_to_reserve(reserved, request, facts, provider);
      if (done) return reserved;
      if (done.error().code() != Code::busy) return std::move(done).error();
      if (Clock::now() >= deadline) {
        done.error().append(fmt::format("; waited {} ms, try again", request.timeout.count()));
        return std::move(done).error();
      }
    }  // Unlocked: the holder's DEL needs the lock.
    std::this_thread::sleep_for(pause_after(Clock::now() - start));
  }
}

}  // namespace sluice
