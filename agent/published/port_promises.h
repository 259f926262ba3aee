#pragma once

#include <string>
#include <vector>

#include "agent/node_state.h"
#include "pkg/ledger/promises.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What is promised of a VF, and to whom. Views the node and what is set aside.
struct VfPromise {
  BitRate cost;                      ///< Of the port's bandwidth.
  Rate rate;                         ///< Asked.
  const LaneRecord* lane = nullptr;  ///< Null: none is made of it (yet).
  const Offer* offer = nullptr;      ///< Null: it is not offered.
  FoundGrant granted;                ///< Empty: it is not granted.
};

/// Of each port of the inventory, in its order: what is promised of its VFs, by PCI address.
using PortPromises = std::map<std::string, VfPromise>;
std::vector<PortPromises> port_promises(const NodeState& node, const SetAside& aside);

}  // namespace sluice
