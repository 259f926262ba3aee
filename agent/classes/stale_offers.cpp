#include "agent/classes/stale_offers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

// Why the device plugin offers no more of the class; empty where it does.
std::string what_became_of(const std::string& name, const Config& config) {
  const auto rule = std::ranges::find(config.classes, name, &ClassRule::name);
  if (rule == config.classes.end()) {
    return fmt::format("class '{}' is not configured any more", name);
  }
  if (rule->by == FrontEndName::classes) return "";
  return fmt::format("class '{}' is served by {} now", name, to_string(rule->by));
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
    std::string gone = what_became_of(offer.class_name, config);
    if (!gone.empty()) {
      stale[offer.vf] = std::move(gone);
    } else if (!has_rule(config, inventory, offer.port)) {
      stale[offer.vf] = fmt::format("port {} is not configured any more", offer.port);
    }
  }
  return stale;
}

}  // namespace sluice
