#pragma once

#include <string>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/offers.h"

namespace sluice {

/// A port, its lanes, and what is promised on it: its lanes, and its offers that nobody took.
struct PortLanes {
  PortRecord record;
  PortBudget budget;
};

/// The lanes of a node at one moment, as the ledger has them.
struct NodeLanes {
  std::vector<PortLanes> ports;       ///< By name; only those with lanes or offers.
  std::vector<std::string> problems;  ///< What could not be read, and why.
};

/// Reads the ledger and the offers; takes no lock, changes nothing. One file that cannot be read is
/// a problem and hides nothing else.
NodeLanes read_lanes(const Ledger& ledger, const OfferStore& offers);

/// Two tables for people, one of ports and one of lanes; problems follow. Container ids are
/// shortened. FREE is what may still be promised.
std::string lanes_table(const NodeLanes& node);

/// All of it as JSON for programs, rates in bit/s. Null is unknown; of a ceiling: none.
std::string lanes_json(const NodeLanes& node);

}  // namespace sluice
