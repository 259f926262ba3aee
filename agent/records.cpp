#include "agent/records.h"

#include <utility>

namespace sluice {

Result<std::vector<PortRecord>> read_records(const Ledger& ledger) {
  std::vector<PortRecord> records;
  for (const std::string& port : TRY(ledger.ports())) {
    Result<PortRecord> record = ledger.peek(port);
    if (record) records.push_back(std::move(*record));
  }
  return records;
}

std::set<std::string> lane_ids(std::span<const PortRecord> records) {
  std::set<std::string> ids;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) ids.insert(lane.id);
  }
  return ids;
}

std::vector<Arrivals::Arrival> Arrivals::observe(std::span<const PortRecord> records) {
  std::vector<Arrival> arrived;
  std::set<Identity> now;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      if (lane.phase != Phase::attached) continue;
      const Identity identity(lane.id, lane.owner.netns_cookie, lane.owner.ifname);
      if (has_looked_ && !known_.contains(identity)) arrived.push_back({record.port, lane});
      now.insert(identity);
    }
  }
  known_ = std::move(now);
  has_looked_ = true;
  return arrived;
}

}  // namespace sluice
