// What the agent looks at again and again: the rates of the lanes that are attached, and the lanes
// that nobody will release.
#include <algorithm>
#include <iterator>

#include "pkg/bandwidth/plan.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"

namespace sluice {
namespace {

constexpr const char* kVf = "vf";

bool is_watched(const LaneRecord& lane) {
  return lane.provider == kVf && lane.phase == Phase::attached;
}

std::vector<VfRate> written_rates(const PortRecord& port) {
  std::vector<VfRate> written;
  for (const LaneRecord& lane : port.lanes) {
    if (is_watched(lane)) written.push_back({.vf = lane.number, .rate = lane.in_force});
  }
  return written;
}

// Rates that are another than was written, what is lowered first. What is not known is left out.
std::vector<RateDrift> known_drifts(const PortRecord& port, const VfList& reported) {
  std::vector<RateDrift> drifts = find_drift(written_rates(port), reported);
  std::erase_if(drifts, [](const RateDrift& drift) { return !drift.found; });
  std::vector<RateUpdate> updates;
  updates.reserve(drifts.size());
  for (const RateDrift& drift : drifts) {
    updates.push_back({.before = drift.found, .after = drift.expected});
  }
  std::vector<RateDrift> ordered;
  for (const std::size_t i : write_order(updates)) ordered.push_back(drifts[i]);
  return ordered;
}

}  // namespace

Result<std::vector<RateRepair>> Lanes::repair_rates(const std::string& port) {
  const PortRecord seen = TRY(ledger_.peek(port));
  if (written_rates(seen).empty()) return std::vector<RateRepair>();
  if (capability_by_name(seen.driver).ceiling == CeilingEnforcement::none) {
    return std::vector<RateRepair>();
  }
  Provider& provider = *TRY(provider_named(kVf));
  const VfList reported = TRY(provider.read_rates(seen));
  if (known_drifts(seen, reported).empty()) return std::vector<RateRepair>();

  // Something differs, or an attach was under way between the two reads: look again alone.
  PortBook book = TRY(ledger_.lock(port, kRepairPatience));
  PortRecord& record = book.record();
  if (written_rates(record).empty()) return std::vector<RateRepair>();
  const VfList now = TRY(provider.read_rates(record));
  std::vector<RateRepair> repairs;
  for (const RateDrift& drift : known_drifts(record, now)) {
    const auto lane =
        std::find_if(record.lanes.begin(), record.lanes.end(), [&](const LaneRecord& candidate) {
          return is_watched(candidate) && candidate.number == drift.vf;
        });
    RateRepair repair{.lane = *lane, .drift = drift, .failure = {}};
    const Result<> done = provider.set_rate(record, *lane, drift.expected);
    if (!done) repair.failure = done.error().message();
    repairs.push_back(std::move(repair));
  }
  return repairs;
}

Result<bool> Lanes::is_away(const LaneRecord& lane) const {
  if (lane.provider != kVf || lane.link_index == 0) return false;
  const PciAddress address = TRY(PciAddress::parse(lane.id));
  const auto device = TRY(sysfs_.open_dir(device_path(address)));
  if (!device) return false;
  const std::string driver = TRY(driver_of(*device));
  if (driver.empty()) return false;
  const std::string link = TRY(link_of(*device, driver));
  return link.empty() && TRY(has_net_directory(*device, driver));
}

bool Lanes::is_orphan(const LaneRecord& lane) {
  return owner_is_gone(lane).value_or(false) && !is_away(lane).value_or(true);
}

Result<std::vector<LaneRecord>> Lanes::orphans() {
  std::vector<LaneRecord> found;
  for (const std::string& port : TRY(ledger_.ports())) {
    const Result<PortRecord> record = ledger_.peek(port);
    if (!record) continue;
    std::copy_if(record->lanes.begin(), record->lanes.end(), std::back_inserter(found),
                 [this](const LaneRecord& lane) { return is_orphan(lane); });
  }
  return found;
}

}  // namespace sluice
