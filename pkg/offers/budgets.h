#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What is promised on each port that is here, or that has a record, offers or grants; by its name
/// in the ledger. A port's driver and line rate are those of the inventory, else those of its
/// record. Of a port that is in neither, floors are counted as they are. Pure.
std::map<std::string, PortBudget> port_budgets(const Inventory& inventory,
                                               std::span<const PortRecord> records,
                                               const SetAside& aside);

}  // namespace sluice
