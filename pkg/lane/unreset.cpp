// What releases had to leave: settings that a port refused when a VF was given back.
#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"

namespace sluice {

Result<std::vector<UnresetVf>> Lanes::finish_resets(const std::string& port) {
  using Clock = std::chrono::steady_clock;
  PortRecord seen = TRY(ledger_.peek(port));
  if (seen.unreset.empty()) {
    resets_due_.erase(port);
    return seen.unreset;
  }
  Clock::time_point& due = resets_due_[port];
  if (Clock::now() < due) return std::move(seen.unreset);
  due = Clock::now() + kUnresetPeriod;

  LockedPort locked = TRY(ledger_.lock(port, kRepairTimeout));
  PortRecord& record = locked.record();
  const std::vector<UnresetVf> before = record.unreset;
  for (const auto& provider : providers_.all()) provider->finish_resets(record);
  if (record.unreset != before) TRY(locked.save());
  return record.unreset;
}

}  // namespace sluice
