#include "ctl/lanes.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "ctl/format.h"
#include "ctl/read_node.h"
#include "ctl/table.h"
#include "pkg/bandwidth/port_capability.h"
#include "pkg/base/strings.h"
#include "pkg/ledger/records.h"
#include "pkg/offers/budgets.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShortId = 12;  // As runtimes' own tables cut container ids.

std::string rate_cell(const Rate& rate) {
  return fmt::format("{} / {}", or_dash(rate.floor), or_dash(rate.ceiling));
}

Row row_of(const PortLanes& port) {
  const PortBudget& budget = port.budget;
  const bool known = !budget.line_rate.is_zero();
  return {budget.port, or_dash(port.record.driver), or_dash(budget.line_rate),
          or_dash(budget.promised), known ? to_string(budget.usable - budget.promised) : "-"};
}

const Lease* lease_of(const PortLanes& port, const LaneRecord& lane) {
  const auto found = port.leases.find(lane.id);
  return found == port.leases.end() ? nullptr : &found->second;
}

Row row_of(const PortLanes& port, const LaneRecord& lane) {
  const Lease* const lease = lease_of(port, lane);
  return {port.budget.port,
          lane.id,
          lane.lost == Lost::nothing ? std::string(to_string(lane.phase)) : "lost",
          or_dash(lane.owner.container_id.substr(0, kShortId)),
          or_dash(lane.owner.ifname),
          or_dash(lease == nullptr ? lane.owner.network : lease->network),
          or_dash(lane.class_name),
          or_dash(lane.asked.floor),
          or_dash(lane.asked.ceiling),
          rate_cell(lane.in_force),
          or_dash(lease == nullptr ? std::string() : list(lease->given.addresses))};
}

Json to_json(const Rate& rate) {
  return {{"floor", rate.floor.as_bits_per_second()}, {"ceiling", or_null(rate.ceiling)}};
}

Json to_json(const Lease& lease) {
  Json addresses = Json::array();
  for (const IpPrefix& each : lease.given.addresses) addresses.push_back(each.to_string());
  return {{"network", lease.network}, {"addresses", std::move(addresses)}};
}

Json to_json(const LaneRecord& lane, const Lease* lease) {
  return {{"id", lane.id},
          {"provider", lane.provider},
          {"number", lane.number},
          {"phase", to_string(lane.phase)},
          {"container", lane.owner.container_id},
          {"pod", or_null(lane.owner.pod)},
          {"netns", or_null(lane.owner.netns)},
          {"interface", lane.owner.ifname},
          {"network", lane.owner.network},
          {"class", or_null(lane.class_name)},
          {"asked", to_json(lane.asked)},
          {"in_force", to_json(lane.in_force)},
          {"rdma_device", or_null(lane.rdma_device)},
          {"lost", lane.lost == Lost::nothing ? Json() : Json(to_string(lane.lost))},
          {"lease", lease == nullptr ? Json() : to_json(*lease)}};
}

Json to_json(const PortLanes& port) {
  const PortBudget& budget = port.budget;
  const bool known = !budget.line_rate.is_zero();
  Json lanes = Json::array();
  for (const LaneRecord& lane : port.record.lanes) {
    lanes.push_back(to_json(lane, lease_of(port, lane)));
  }
  return {{"port", port.record.port},
          {"driver", or_null(port.record.driver)},
          {"line_rate", or_null(budget.line_rate)},
          {"promised", budget.promised.as_bits_per_second()},
          {"free", known ? Json((budget.usable - budget.promised).as_bits_per_second()) : Json()},
          {"lanes", std::move(lanes)}};
}

// A port without lanes has no driver in its record.
PortRecord record_of(const std::string& name, const std::vector<PortRecord>& records,
                     const Inventory& inventory) {
  const PortRecord* const record = find_record(records, name);
  PortRecord found = record == nullptr ? PortRecord{.port = name} : *record;
  if (!found.lanes.empty()) return found;
  for (const Port& port : inventory.ports) {
    if (port.address.to_string() == name) found.driver = capability_name(port);
  }
  return found;
}

// Of a port whose file is damaged no sum is known.
bool is_read(const std::string& port, const Ledger& ledger,
             const std::vector<PortRecord>& records) {
  const bool has_record = std::any_of(records.begin(), records.end(),
                                      [&](const PortRecord& each) { return each.port == port; });
  return has_record || ledger.peek(port).has_value();
}

bool has_set_aside(const std::string& port, const SetAside& aside) {
  return std::any_of(aside.offers.begin(), aside.offers.end(),
                     [&](const Offer& offer) { return offer.port == port; }) ||
         std::any_of(aside.grants.begin(), aside.grants.end(), [&](const Grant& grant) {
           return std::any_of(grant.vfs.begin(), grant.vfs.end(),
                              [&](const GrantedVf& vf) { return vf.port == port; });
         });
}

}  // namespace

NodeLanes read_lanes(const Ledger& ledger, const SetAsideStore& store, const Inventory& inventory) {
  NodeLanes node;
  const SetAside aside = read_set_aside(store, node.problems);
  const std::vector<PortRecord> records = read_records(ledger, node.problems);
  for (const auto& [name, budget] : port_budgets(inventory, records, aside)) {
    PortRecord record = record_of(name, records, inventory);
    const bool is_shown = !record.lanes.empty() || has_set_aside(name, aside);
    if (!is_shown || !is_read(name, ledger, records)) continue;
    node.ports.push_back({std::move(record), budget});
  }
  return node;
}

void read_leases(const LeaseStore& store, NodeLanes& node) {
  for (PortLanes& port : node.ports) {
    for (const LaneRecord& lane : port.record.lanes) {
      const auto lease = store.find(lane.owner);
      if (!lease) node.problems.push_back(lease.error().message());
      if (lease && *lease) port.leases.emplace(lane.id, **lease);
    }
  }
}

std::string lanes_table(const NodeLanes& node) {
  std::vector<Row> ports = {{"PORT", "DRIVER", "RATE", "PROMISED", "FREE"}};
  std::vector<Row> lanes = {{"PORT", "LANE", "PHASE", "CONTAINER", "INTERFACE", "NETWORK", "CLASS",
                             "FLOOR", "CEILING", "IN FORCE", "ADDRESSES"}};
  for (const PortLanes& port : node.ports) {
    ports.push_back(row_of(port));
    for (const LaneRecord& lane : port.record.lanes) {
      lanes.push_back(row_of(port, lane));
    }
  }
  std::string text;
  if (!node.ports.empty()) text = to_table(ports) + "\n";
  if (lanes.size() > 1) {
    text += to_table(lanes);
  } else if (node.problems.empty()) {
    text += "no lanes on this node\n";
  }
  return text + problem_lines(node.problems);
}

std::string lanes_json(const NodeLanes& node) {
  Json ports = Json::array();
  for (const PortLanes& port : node.ports) ports.push_back(to_json(port));
  const Json document = {{"ports", std::move(ports)}, {"problems", node.problems}};
  return to_text(document);
}

}  // namespace sluice
