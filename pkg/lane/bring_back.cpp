// Lanes whose link or RDMA device a reset of the VF's function took out of the pod.
#include <algorithm>

#include "pkg/base/crash_point.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// Between two tries to bring a lane in again, or home. The first ones come soon, for a driver that
// recovers is through within seconds; later ones meet what a person has to mend.
constexpr Backoff::Limits kReturnPauses{.first = std::chrono::seconds(1),
                                        .longest = std::chrono::seconds(60)};

bool is_attached(const LaneRecord& lane) {
  return lane.phase == Phase::attached;
}

// What is to be known of the parts at home before they are touched: a move may be cut short.
void note_found(LaneRecord& lane, const AtHome& found) {
  lane.lost = std::max(lane.lost, found.lost());
  if (!found.rdma_device.empty()) lane.rdma_device = found.rdma_device;
  if (!found.link) return;
  lane.link_index = found.link->index;
  // Where the port was told no MAC, a new link has another one.
  const bool is_own = found.link->mac == lane.mac();
  if (!is_own && found.link->mac && !lane.mac().is_zero()) lane.settings.mac = lane.mac();
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

void Lanes::try_later(Returns& returns, const std::string& id, const std::string& failure) {
  Return& retry = returns.try_emplace(id, Return{Backoff(kReturnPauses), {}, {}}).first->second;
  retry.due = Clock::now() + retry.pauses.next();
  retry.failure = failure;
}

bool Lanes::is_early(const Returns& returns, const std::string& id) {
  const auto retry = returns.find(id);
  return retry != returns.end() && Clock::now() < retry->second.due;
}

Result<std::vector<RdmaDevice>> Lanes::host_devices_for(const PortRecord& port) const {
  const bool any_moves = std::any_of(
      port.lanes.begin(), port.lanes.end(),
      [](const LaneRecord& lane) { return is_attached(lane) && !lane.rdma_device.empty(); });
  if (!any_moves) return std::vector<RdmaDevice>();
  RdmaDevices& rdma = *TRY(kernel_.rdma());
  return rdma.list();
}

Result<std::vector<LaneReturn>> Lanes::bring_back(const std::string& port, Look look,
                                                  const Readdress& readdress) {
  const PortRecord seen = TRY(ledger_.peek(port));
  const auto is_looked_at = [&](const LaneRecord& lane) {
    return is_attached(lane) && (look == Look::all || lane.lost != Lost::nothing);
  };
  std::vector<LaneReturn> news;
  if (std::none_of(seen.lanes.begin(), seen.lanes.end(), is_looked_at)) return news;
  const std::vector<RdmaDevice> devices = TRY(host_devices_for(seen));
  Result<> done;
  for (const LaneRecord& lane : seen.lanes) {
    if (!is_looked_at(lane)) continue;
    Result<std::optional<LaneReturn>> told = bring_back_if_lost(port, lane, devices, readdress);
    // Busy: an attach or a release is at the port, and the next step comes soon.
    if (!told && told.error().code() != Code::busy) done = told.error();
    if (told && *told) news.push_back(*std::move(*told));
  }
  if (!done && news.empty()) return done.error();
  return news;
}

Result<std::optional<LaneReturn>> Lanes::bring_back_if_lost(const std::string& port,
                                                            const LaneRecord& seen,
                                                            const std::vector<RdmaDevice>& devices,
                                                            const Readdress& readdress) {
  if (is_early(returns_, seen.id)) return std::optional<LaneReturn>();
  Provider* const provider = providers_.find(seen.provider);
  if (provider == nullptr) return std::optional<LaneReturn>();
  const AtHome found = TRY(provider->look_at_home(seen, devices));
  const bool is_lost = seen.lost != Lost::nothing || found.lost() != Lost::nothing;
  if (!is_lost) return std::optional<LaneReturn>();
  return bring_back_lane(port, seen.id, readdress);
}

Result<std::optional<LaneReturn>> Lanes::bring_back_lane(const std::string& port,
                                                         const std::string& id,
                                                         const Readdress& readdress) {
  LockedPort locked = TRY(ledger_.lock(port, kRepairTimeout));
  LaneRecord* const lane = locked.record().find(id);
  if (lane == nullptr || !is_attached(*lane)) return std::optional<LaneReturn>();
  const std::vector<RdmaDevice> devices = TRY(host_devices_for(locked.record()));
  Provider& provider = *TRY(providers_.named(lane->provider));
  const AtHome found = TRY(provider.look_at_home(*lane, devices));
  if (lane->lost == Lost::nothing && found.lost() == Lost::nothing) {
    return std::optional<LaneReturn>();
  }
  const std::optional<NetNs> netns = TRY(kernel_.find_netns(lane->owner.netns));
  // Of a namespace that is gone: recover() releases it.
  if (!netns || netns->cookie() != lane->owner.netns_cookie) return std::optional<LaneReturn>();

  const LaneRecord before = *lane;
  note_found(*lane, found);
  if (*lane != before) TRY(locked.save());
  crash_point("return.recorded");
  LaneReturn news{.lane = {}, .lost = lane->lost, .failure = {}, .char_devices = {}};
  const Result<> done = bring_in_again(locked, *lane, found, *netns, readdress);
  if (done) {
    returns_.erase(id);
    news.char_devices = provider.rdma_of(*lane).char_devices;
  } else {
    news.failure = done.error().message();
    try_later(returns_, id, news.failure);
  }
  news.lane = *lane;
  return std::optional<LaneReturn>(std::move(news));
}

Result<> Lanes::bring_in_again(LockedPort& locked, LaneRecord& lane, const AtHome& found,
                               const NetNs& netns, const Readdress& readdress) {
  const PortRecord& port = locked.record();
  Provider& provider = *TRY(providers_.named(lane.provider));
  const std::unique_ptr<Links> pod_links = TRY(kernel_.links_in(netns));
  if (found.link) TRY(provider.configure(port, lane));
  crash_point("return.configured");
  const int mtu = lane.mtu != 0 ? lane.mtu : lane.home.mtu;
  const std::optional<Link> link = TRY(provider.move_in(port, lane, {netns, *pod_links}, mtu));
  crash_point("return.moved");
  if (link && lane.lost == Lost::link) {
    const std::unique_ptr<Addresses> addresses = TRY(kernel_.addresses_in(netns));
    TRY(readdress(lane, *addresses, link->index));
  }
  const Lost lost = std::exchange(lane.lost, Lost::nothing);
  Result<> saved = locked.save();
  if (!saved) lane.lost = lost;
  return saved;
}

}  // namespace sluice
