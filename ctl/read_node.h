#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

// What the verbs read of a node: files alone, no lock, nothing changed. What could not be read is
// added to the problems and hides nothing else.

Config read_config(const std::string& path, std::vector<std::string>& problems);

std::vector<PortRecord> read_records(const Ledger& ledger, std::vector<std::string>& problems);

/// The ledger of this boot.
std::vector<PortRecord> read_records(const std::string& run_dir,
                                     std::vector<std::string>& problems);

SetAside read_set_aside(const SetAsideStore& store, std::vector<std::string>& problems);

/// Without links of other namespaces.
Inventory read_inventory(const std::string& sysfs_root, std::vector<std::string>& problems);

}  // namespace sluice
