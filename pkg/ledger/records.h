#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/ledger/ledger.h"

namespace sluice {

/// The lanes of all ports as they are on disk now. A damaged file is a port without lanes: the next
/// lock of the port sets it aside.
Result<std::vector<PortRecord>> read_records(const Ledger& ledger);

/// nullptr for a port without a record.
const PortRecord* find_record(std::span<const PortRecord> records, std::string_view port);

/// nullptr for a VF or an id without a lane there, and where there is no record.
const LaneRecord* find_lane(const PortRecord* record, std::string_view lane);

/// What has a lane: the ids of all lanes, whatever their phase.
std::set<std::string> lane_ids(std::span<const PortRecord> records);

}  // namespace sluice
