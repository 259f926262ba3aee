// What the agent looks at again and again: rates and settings of attached lanes, and lanes whose
// owner is gone.
#include <algorithm>
#include <iterator>
#include <utility>

#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"

namespace sluice {

Result<std::vector<LaneRepair>> Lanes::repair(const std::string& port) {
  const PortRecord seen = TRY(ledger_.peek(port));
  std::vector<LaneRepair> repairs;
  for (const auto& provider : providers_.all()) {
    if (TRY(provider->is_in_order(seen))) continue;
    // Something differs, or an attach was under way between the two reads: look again alone.
    const LockedPort locked = TRY(ledger_.lock(port, kRepairTimeout));
    std::vector<LaneRepair> more = TRY(provider->repair(locked.record()));
    repairs.insert(repairs.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
  }
  return repairs;
}

bool Lanes::is_orphan(const LaneRecord& lane) {
  if (!owner_is_gone(lane).value_or(false)) return false;
  Provider* const provider = providers_.find(lane.provider);
  return provider == nullptr || !provider->is_away(lane).value_or(true);
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
