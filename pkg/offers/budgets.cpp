#include "pkg/offers/budgets.h"

#include "pkg/bandwidth/port_capability.h"
#include "pkg/ledger/promises.h"

namespace sluice {
namespace {

// Where nothing is known of the port: each floor costs what it says.
constexpr DriverCapability kUnknownPort{
    .driver = "", .floor = FloorEnforcement::hardware, .ceiling = CeilingEnforcement::hardware};

struct Known {
  const Port* port = nullptr;
  const PortRecord* record = nullptr;

  const DriverCapability& capability() const {
    if (port != nullptr) return capability_of(*port);
    const bool recorded = record != nullptr && !record->driver.empty();
    return recorded ? capability_of(record->driver) : kUnknownPort;
  }

  BitRate line_rate() const {
    const BitRate last = record == nullptr ? BitRate() : record->line_rate;
    return port == nullptr ? last : port->line_rate.value_or(last);
  }
};

PortBudget budget_of(const std::string& name, const Known& known, const SetAside& aside) {
  PromisedPort promised{.port = name, .capability = known.capability()};
  UsablePart part;
  if (known.record != nullptr) {
    promised.lanes = known.record->lanes;
    part = known.record->usable_part;
  }
  return {.port = std::string(port_label(name)),
          .line_rate = known.line_rate(),
          .usable = part.of(known.line_rate()),
          .promised = sum_of(promises_on(promised, aside))};
}

}  // namespace

std::map<std::string, PortBudget> port_budgets(const Inventory& inventory,
                                               std::span<const PortRecord> records,
                                               const SetAside& aside) {
  std::map<std::string, Known> ports;
  for (const Offer& offer : aside.offers) ports.try_emplace(offer.port);
  for (const Grant& grant : aside.grants) {
    for (const GrantedVf& granted : grant.vfs) ports.try_emplace(granted.port);
  }
  for (const PortRecord& record : records) ports[record.port].record = &record;
  for (const Port& port : inventory.ports) ports[port.address.to_string()].port = &port;
  std::map<std::string, PortBudget> budgets;
  for (const auto& [name, known] : ports) budgets.emplace(name, budget_of(name, known, aside));
  return budgets;
}

}  // namespace sluice
