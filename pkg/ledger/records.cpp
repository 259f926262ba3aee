#include "pkg/ledger/records.h"

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

const PortRecord* find_record(std::span<const PortRecord> records, std::string_view port) {
  for (const PortRecord& record : records) {
    if (record.port == port) return &record;
  }
  return nullptr;
}

const LaneRecord* find_lane(const PortRecord* record, std::string_view lane) {
  if (record == nullptr) return nullptr;
  for (const LaneRecord& each : record->lanes) {
    if (each.id == lane) return &each;
  }
  return nullptr;
}

std::set<std::string> lane_ids(std::span<const PortRecord> records) {
  std::set<std::string> ids;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) ids.insert(lane.id);
  }
  return ids;
}

}  // namespace sluice
