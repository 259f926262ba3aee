#include "ctl/offers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "ctl/format.h"
#include "ctl/table.h"
#include "pkg/ledger/promises.h"
#include "pkg/offers/node.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

ClassOnNode& class_of(PortOffers& port, const Offer& offer) {
  const auto found =
      std::find_if(port.classes.begin(), port.classes.end(), [&](const ClassOnNode& known) {
        return known.name == offer.class_name && known.rate == offer.rate;
      });
  if (found != port.classes.end()) return *found;
  port.classes.push_back({.name = offer.class_name, .rate = offer.rate});
  return port.classes.back();
}

PortOffers count(const OfferPort& from, const std::vector<Offer>& offers,
                 const std::vector<std::string>& held) {
  PortOffers port{.port = from.hardware->address.to_string(),
                  .line_rate = from.line_rate,
                  .share = from.bandwidth,
                  .promised = from.outside,
                  .classes = {},
                  .unoffered = {}};
  for (const Offer& offer : offers) {
    if (offer.port != port.port) continue;
    ClassOnNode& counted = class_of(port, offer);
    const bool withdrawn = offer.state == OfferState::withdrawn;
    counted.withdrawn += withdrawn ? 1 : 0;
    counted.offered += withdrawn ? 0 : 1;
    counted.taken += std::binary_search(held.begin(), held.end(), offer.vf) ? 1 : 0;
  }
  const PromisedPort offered{.port = port.port, .capability = *from.capability};
  port.promised += sum_of(promises_on(offered, {.offers = offers}));
  return port;
}

// What the plan would offer and is not offered yet.
void add_waiting(const OfferPlan& plan, const std::vector<Offer>& offers,
                 std::vector<PortOffers>& ports) {
  std::set<std::string_view> offered;
  for (const Offer& offer : offers) offered.insert(offer.vf);
  for (PortOffers& port : ports) {
    std::map<std::string, std::vector<std::string>> waiting;
    for (const Offer& offer : plan.offers) {
      if (offer.port != port.port || offered.contains(offer.vf)) continue;
      waiting[offer.class_name].push_back(offer.vf);
    }
    for (auto& [name, vfs] : waiting) {
      port.unoffered.push_back({.port = port.port,
                                .vfs = std::move(vfs),
                                .reason = WhyNot::waiting,
                                .text = fmt::format("{}: the agent will offer it", name)});
    }
  }
}

Json to_json(const ClassOnNode& known) {
  return {{"class", known.name},
          {"floor", known.rate.floor.as_bits_per_second()},
          {"ceiling", or_null(known.rate.ceiling)},
          {"offered", known.offered},
          {"taken", known.taken},
          {"free", known.offered - known.taken},
          {"withdrawn", known.withdrawn}};
}

Json to_json(const PortOffers& port) {
  Json classes = Json::array();
  for (const ClassOnNode& known : port.classes) classes.push_back(to_json(known));
  Json unoffered = Json::array();
  for (const Unoffered& group : port.unoffered) {
    unoffered.push_back(
        {{"vfs", group.vfs}, {"reason", to_string(group.reason)}, {"text", group.text}});
  }
  return {{"port", port.port},
          {"line_rate", or_null(port.line_rate)},
          {"share", port.share.as_bits_per_second()},
          {"promised", port.promised.as_bits_per_second()},
          {"free", (port.share - port.promised).as_bits_per_second()},
          {"classes", std::move(classes)},
          {"not_offered", std::move(unoffered)}};
}

}  // namespace

NodeOffers look_at_offers(const Inventory& inventory, const Config& config,
                          const std::vector<PortRecord>& lanes, const SetAside& aside) {
  const std::vector<Offer>& offers = aside.offers;
  const std::vector<OfferPort> ports = offer_ports(inventory, config, lanes, aside);
  const std::vector<std::string> held = held_by_lanes(lanes, offers);
  const std::vector<ClassRule> classes = config.classes_of(FrontEndName::classes);
  const OfferPlan plan = plan_offers({.ports = ports,
                                      .classes = classes,
                                      .current = offers,
                                      .held = held,
                                      .networks = config.networks});
  NodeOffers node;
  for (const OfferPort& port : ports) node.ports.push_back(count(port, offers, held));
  add_waiting(plan, offers, node.ports);
  std::set<std::string_view> offered;
  for (const Offer& offer : offers) offered.insert(offer.vf);
  for (const Unoffered& group : plan.unoffered) {
    Unoffered rest = group;
    std::erase_if(rest.vfs, [&](const std::string& vf) { return offered.contains(vf); });
    if (rest.vfs.empty()) continue;
    for (PortOffers& port : node.ports) {
      if (port.port == rest.port) port.unoffered.push_back(rest);
    }
  }
  return node;
}

std::string offers_table(const NodeOffers& node) {
  std::vector<Row> ports = {{"PORT", "RATE", "SHARE", "PROMISED", "FREE"}};
  std::vector<Row> classes = {
      {"PORT", "CLASS", "FLOOR", "CEILING", "OFFERED", "TAKEN", "FREE", "WITHDRAWN"}};
  std::string rest;
  for (const PortOffers& port : node.ports) {
    ports.push_back({port.port, or_dash(port.line_rate), to_string(port.share),
                     to_string(port.promised), to_string(port.share - port.promised)});
    for (const ClassOnNode& known : port.classes) {
      classes.push_back({port.port, known.name, or_dash(known.rate.floor),
                         or_dash(known.rate.ceiling), std::to_string(known.offered),
                         std::to_string(known.taken), std::to_string(known.offered - known.taken),
                         std::to_string(known.withdrawn)});
    }
    for (const Unoffered& group : port.unoffered) {
      rest += fmt::format("  {} on {}: {}\n    {}\n", group.vfs.size(), group.port, group.text,
                          fmt::join(group.vfs, " "));
    }
  }
  std::string text = "no SR-IOV ports on this node\n";
  if (!node.ports.empty()) text = to_table(ports) + "\n" + to_table(classes);
  if (!rest.empty()) text += "\nVFs not offered:\n" + rest;
  return text + problem_lines(node.problems);
}

std::string offers_json(const NodeOffers& node) {
  Json ports = Json::array();
  for (const PortOffers& port : node.ports) ports.push_back(to_json(port));
  const Json document = {{"ports", std::move(ports)}, {"problems", node.problems}};
  return to_text(document);
}

}  // namespace sluice
