#include "pkg/provision/port_policy.h"

namespace sluice {

Result<bool> keep_usable_part(const Ledger& ledger, const std::string& port,
                              const ProvisionRule* rule, std::chrono::milliseconds timeout) {
  const UsablePart wanted = rule == nullptr ? UsablePart() : usable_part(rule->shares);
  if (TRY(ledger.peek(port)).usable_part == wanted) return false;
  LockedPort locked = TRY(ledger.lock(port, timeout));
  locked.record().usable_part = wanted;
  TRY(locked.save());
  return true;
}

}  // namespace sluice
