#include "agent/arrivals.h"

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

std::vector<std::vector<Arrivals::Arrival>> Arrivals::take(Clock::time_point now) {
  std::vector<std::vector<Arrival>> due;
  std::erase_if(waiting_, [&](auto& entry) {
    if (now < entry.second.last + kGathering) return false;
    due.push_back(std::move(entry.second.lanes));
    return true;
  });
  return due;
}

}  // namespace sluice
