#pragma once

#include <map>
#include <string>

#include "pkg/bandwidth/admission.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// What is promised on ports, by their names in the ledger.
using PortBudgets = std::map<std::string, PortBudget>;

/// The inventory as a table for people, a line a port; problems follow. VFS is used/now/total,
/// where used VFs are those in another namespace or on vfio-pci.
std::string ports_table(const Inventory& inventory, const PortBudgets& budgets);

/// The inventory as JSON for programs; everything that is known of ports and VFs. Unknown is null.
std::string ports_json(const Inventory& inventory, const PortBudgets& budgets);

}  // namespace sluice
