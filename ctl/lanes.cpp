#include "ctl/lanes.h"

#include <set>

#include <nlohmann/json.hpp>

#include "ctl/table.h"
#include "pkg/lane/port_rates.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShortId = 12;  // As runtimes' own tables cut container ids.

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string or_dash(BitRate rate) {
  return rate.is_zero() ? "-" : to_string(rate);
}

std::string rate_cell(const Rate& rate) {
  return fmt::format("{} / {}", or_dash(rate.floor), or_dash(rate.ceiling));
}

Row row_of(const PortLanes& port) {
  const PortBudget& budget = port.budget;
  const bool known = !budget.line_rate.is_zero();
  return {budget.port, or_dash(port.record.driver), or_dash(budget.line_rate),
          or_dash(budget.promised), known ? to_string(budget.usable - budget.promised) : "-"};
}

Row row_of(const std::string& port, const LaneRecord& lane) {
  return {port,
          lane.id,
          lane.lost == Lost::nothing ? std::string(to_string(lane.phase)) : "lost",
          or_dash(lane.owner.container_id.substr(0, kShortId)),
          or_dash(lane.owner.ifname),
          or_dash(lane.owner.network),
          or_dash(lane.class_name),
          or_dash(lane.asked.floor),
          or_dash(lane.asked.ceiling),
          rate_cell(lane.in_force)};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json rate_or_null(BitRate rate) {
  return rate.is_zero() ? Json() : Json(rate.as_bits_per_second());
}

Json to_json(const Rate& rate) {
  return {{"floor", rate.floor.as_bits_per_second()}, {"ceiling", rate_or_null(rate.ceiling)}};
}

Json to_json(const LaneRecord& lane) {
  return {{"id", lane.id},
          {"provider", lane.provider},
          {"number", lane.number},
          {"phase", to_string(lane.phase)},
          {"container", lane.owner.container_id},
          {"pod", text_or_null(lane.owner.pod)},
          {"netns", text_or_null(lane.owner.netns)},
          {"interface", lane.owner.ifname},
          {"network", lane.owner.network},
          {"class", text_or_null(lane.class_name)},
          {"asked", to_json(lane.asked)},
          {"in_force", to_json(lane.in_force)},
          {"rdma_device", text_or_null(lane.rdma_device)},
          {"lost", lane.lost == Lost::nothing ? Json() : Json(to_string(lane.lost))}};
}

Json to_json(const PortLanes& port) {
  const PortBudget& budget = port.budget;
  const bool known = !budget.line_rate.is_zero();
  Json lanes = Json::array();
  for (const LaneRecord& lane : port.record.lanes) lanes.push_back(to_json(lane));
  return {{"port", port.record.port},
          {"driver", text_or_null(port.record.driver)},
          {"line_rate", rate_or_null(budget.line_rate)},
          {"promised", budget.promised.as_bits_per_second()},
          {"free", known ? Json((budget.usable - budget.promised).as_bits_per_second()) : Json()},
          {"lanes", std::move(lanes)}};
}

// Of a port without lanes no more is known than what its offers promise.
PortLanes with_offers_alone(const std::string& port, const std::vector<Offer>& offers) {
  PortLanes found{.record = {.port = port}, .budget = {.port = port}};
  for (const Offer& offer : offers) {
    if (offer.port == port) found.budget.promised += offer.rate.floor;
  }
  return found;
}

}  // namespace

NodeLanes read_lanes(const Ledger& ledger, const OfferStore& offers) {
  NodeLanes node;
  const auto promised = offers.peek();
  if (!promised) node.problems.push_back("offers: " + promised.error().message());
  const auto ports = ledger.ports();
  if (!ports) node.problems.push_back("ledger: " + ports.error().message());
  const std::vector<Offer> all = promised.value_or(std::vector<Offer>());
  std::set<std::string> offered;
  for (const Offer& offer : all) offered.insert(offer.port);
  std::set<std::string> names = offered;
  for (const std::string& name : ports.value_or(std::vector<std::string>())) names.insert(name);
  for (const std::string& name : names) {
    const auto record = ledger.peek(name);
    if (!record) {
      node.problems.push_back(record.error().message());
    } else if (!record->lanes.empty()) {
      node.ports.push_back({*record, budget_of(*record, all)});
    } else if (offered.contains(name)) {
      node.ports.push_back(with_offers_alone(name, all));
    }
  }
  return node;
}

std::string lanes_table(const NodeLanes& node) {
  std::vector<Row> ports = {{"PORT", "DRIVER", "RATE", "PROMISED", "FREE"}};
  std::vector<Row> lanes = {{"PORT", "LANE", "PHASE", "CONTAINER", "INTERFACE", "NETWORK", "CLASS",
                             "FLOOR", "CEILING", "IN FORCE"}};
  for (const PortLanes& port : node.ports) {
    ports.push_back(row_of(port));
    for (const LaneRecord& lane : port.record.lanes) {
      lanes.push_back(row_of(port.budget.port, lane));
    }
  }
  std::string text;
  if (!node.ports.empty()) text = to_table(ports) + "\n";
  if (lanes.size() > 1) {
    text += to_table(lanes);
  } else if (node.problems.empty()) {
    text += "no lanes on this node\n";
  }
  for (const std::string& problem : node.problems) text += "not read: " + problem + "\n";
  return text;
}

std::string lanes_json(const NodeLanes& node) {
  Json ports = Json::array();
  for (const PortLanes& port : node.ports) ports.push_back(to_json(port));
  const Json document = {{"ports", std::move(ports)}, {"problems", node.problems}};
  constexpr int kIndent = 2;
  return document.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sluice
