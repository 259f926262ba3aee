#include "agent/classes/stale_offers.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

bool has_class(const Config& config, const std::string& name) {
  return std::any_of(config.classes.begin(), config.classes.end(),
                     [&](const ClassRule& rule) { return rule.name == name; });
}

bool has_rule(const Config& config, const Inventory& inventory, const std::string& port) {
  return std::any_of(inventory.ports.begin(), inventory.ports.end(), [&](const Port& candidate) {
    return candidate.address.to_string() == port && config.ports.rule_for(candidate) != nullptr;
  });
}

}  // namespace

std::map<std::string, std::string> stale_offers(std::span<const Offer> offers, const Config& config,
                                                const Inventory& inventory,
                                                const std::set<std::string>& held) {
  std::map<std::string, std::string> stale;
  for (const Offer& offer : offers) {
    if (!held.contains(offer.vf)) continue;
    if (!has_class(config, offer.class_name)) {
      stale[offer.vf] = fmt::format("class '{}' is not configured any more", offer.class_name);
    } else if (!has_rule(config, inventory, offer.port)) {
      stale[offer.vf] = fmt::format("port {} is not configured any more", offer.port);
    }
  }
  return stale;
}

}  // namespace sluice
