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

  PortBook book = TRY(ledger_.lock(port, kRepairPatience));
  PortRecord& record = book.record();
  Provider& provider = *TRY(provider_named("vf"));
  const std::vector<UnresetVf> all = record.unreset;
  for (const UnresetVf& vf : all) {
    if (record.find(vf.id) != nullptr) continue;  // Its lane starts from baseline by itself.
    const Result<VfSettings> left = provider.finish_reset(record, vf);
    if (left) record.note_unreset({.id = vf.id, .number = vf.number, .settings = *left});
  }
  if (record.unreset != all) TRY(book.save());
  return record.unreset;
}

}  // namespace sluice
