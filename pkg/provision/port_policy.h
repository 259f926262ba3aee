#pragma once

#include <chrono>
#include <string>

#include "pkg/base/result.h"
#include "pkg/config/port_rules.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// Writes what `rule` (may be null) lets lanes be promised of the port into its ledger file: who
/// attaches lanes knows no configuration. True when the file said otherwise; only then is the lock
/// taken. busy when it was not to be had within `timeout`.
Result<bool> keep_usable_part(const Ledger& ledger, const std::string& port,
                              const ProvisionRule* rule, std::chrono::milliseconds timeout);

}  // namespace sluice
