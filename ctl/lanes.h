#pragma once

#include <map>
#include <string>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/lease_store.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// A port, its lanes, and what is promised on it, taken or not.
struct PortLanes {
  PortRecord record;
  PortBudget budget;
  std::map<std::string, Lease> leases = {};  ///< By the lane's id; of lanes with addresses.
};

/// The lanes of a node at one moment, as the ledger has them.
struct NodeLanes {
  std::vector<PortLanes> ports;       ///< By name; only those with lanes, offers or grants.
  std::vector<std::string> problems;  ///< What could not be read, and why.
};

/// Reads the ledger, offers and grants; takes no lock, changes nothing. One file that cannot be
/// read is a problem and hides nothing else.
///
/// `inventory`: what the node has, for ports without lanes: driver and line rate.
NodeLanes read_lanes(const Ledger& ledger, const SetAsideStore& store,
                     const Inventory& inventory = {});

/// Adds the addresses of the lanes.
void read_leases(const LeaseStore& store, NodeLanes& node);

/// Two tables for people, one of ports and one of lanes; problems follow. Container ids are
/// shortened. FREE is what may still be promised.
std::string lanes_table(const NodeLanes& node);

/// All of it as JSON for programs, rates in bit/s. Null is unknown; of a ceiling: none.
std::string lanes_json(const NodeLanes& node);

}  // namespace sluice
