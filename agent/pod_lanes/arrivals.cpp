#include "agent/pod_lanes/arrivals.h"

#include <algorithm>
#include <utility>

namespace sluice {

void Arrivals::observe(std::span<const PortRecord> records, Clock::time_point now) {
  std::set<Identity> all;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      if (lane.phase != Phase::attached) continue;
      const Owner& owner = lane.owner;
      const Identity identity(lane.id, owner.netns_cookie, owner.ifname);
      all.insert(identity);
      if (!has_looked_ || known_.contains(identity)) continue;
      Gathered& gathered = waiting_[{owner.netns_cookie, owner.container_id}];
      gathered.lanes.push_back({record.port, lane});
      gathered.last = now;
    }
  }
  known_ = std::move(all);
  has_looked_ = true;
}

std::vector<std::vector<Arrivals::Arrival>> Arrivals::take(
    Clock::time_point now, const std::function<bool(const Arrival&)>& is_settled) {
  std::vector<std::vector<Arrival>> due;
  std::erase_if(waiting_, [&](const auto& entry) {
    const Gathered& gathered = entry.second;
    const auto waited = now - gathered.last;
    if (waited < kGathering) return false;
    if (waited < kSettling && !std::ranges::all_of(gathered.lanes, is_settled)) return false;
    due.push_back(gathered.lanes);
    return true;
  });
  return due;
}

}  // namespace sluice
