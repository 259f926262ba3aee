// What releases had to leave: settings that a port refused when a VF was given back.
#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"

namespace sluice {

Result<> Lanes::finish_resets(const std::string& port) {
  using Clock = std::chrono::steady_clock;
  const PortRecord seen = TRY(ledger_.peek(port));
  if (seen.unreset.empty()) {
    resets_due_.erase(port);
    return {};
  }
  Clock::time_point& due = resets_due_[port];
  if (Clock::now() < due) return {};
  due = Clock::now() + kUnresetPeriod;

  PortBook book = TRY(ledger_.lock(port, kRepairPatience));
  PortRecord& record = book.record();
  Provider& provider = *TRY(provider_named("vf"));
  const std::vector<UnresetVf> all = record.unreset;
  Result<> done;
  for (const UnresetVf& vf : all) {
    if (record.find(vf.id) != nullptr) continue;  // Its lane starts from baseline by itself.
    Result<VfSettings> left = provider.finish_reset(record, vf).context("reset VF {}", vf.id);
    if (left) record.note_unreset({.id = vf.id, .number = vf.number, .settings = *left});
    if (!left) done = std::move(left).error();
  }
  if (record.unreset != all) TRY(book.save());
  return done;
}

}  // namespace sluice
