#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/offers/offer_plan.h"

namespace sluice {

/// What is offered on a port under one class.
struct ClassOnNode {
  std::string name;
  Rate rate;
  int offered = 0;
  int taken = 0;      ///< Of those offered: a lane holds them.
  int withdrawn = 0;  ///< On their way to another class.
};

struct PortOffers {
  std::string port;
  BitRate line_rate;  ///< Zero: unknown.
  BitRate share;      ///< The classes' part of it.
  BitRate promised;   ///< By offers, and to lanes outside them.
  std::vector<ClassOnNode> classes;
  std::vector<Unoffered> unoffered;
};

struct NodeOffers {
  std::vector<PortOffers> ports;
  std::vector<std::string> problems;
};

/// What is offered now, and why the rest is not, from what was read of a node. VFs that only wait
/// for the agent to offer them are said to.
NodeOffers look_at_offers(const Inventory& inventory, const Config& config,
                          const std::vector<PortRecord>& lanes, const SetAside& aside);

/// Tables for people: ports, classes on ports, and the VFs that are not offered with their reasons.
std::string offers_table(const NodeOffers& node);

/// All of it as JSON for programs, rates in bit/s. Null is unknown; of a ceiling: none.
std::string offers_json(const NodeOffers& node);

}  // namespace sluice
