#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/node_state.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What annotated pods may have of a port, whether they have it already or not.
struct PodsShare {
  std::set<std::string> vfs;   ///< PCI addresses.
  std::set<std::string> vfio;  ///< Those of them bound to vfio-pci.
  BitRate bandwidth;
};

/// Of each port's part, in the order of the inventory, what the scheduler may count on: without VFs
/// that another front end holds still, that have a lane of no known pod, or of which no lane can be
/// made; and without bandwidth that is promised to others beyond what is theirs. Pure.
std::vector<PodsShare> pods_shares(const NodeState& node, const SetAside& aside);

}  // namespace sluice
