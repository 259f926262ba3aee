#include "pkg/provision/rule_notes.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

std::string pointer(std::size_t rule) {
  return fmt::format("/ports/{}", rule);
}

void add_overlaps(const ProvisionConfig& config, std::size_t at, const std::vector<Port>& ports,
                  std::vector<std::string>& notes) {
  const ProvisionRule& rule = config.rules[at];
  if (rule.select == PortSelector()) return;
  for (const Port& port : ports) {
    const ProvisionRule* const first = config.rule_for(port);
    if (first == nullptr || first == &rule || !rule.select.matches(port)) continue;
    const auto winner = static_cast<std::size_t>(first - config.rules.data());
    notes.push_back(fmt::format("rule {} selects {} too, but {} comes first and counts",
                                pointer(at), port.address.to_string(), pointer(winner)));
  }
}

}  // namespace

std::vector<std::string> rule_notes(const ProvisionConfig& config, const std::vector<Port>& ports) {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    const PortSelector& select = config.rules[i].select;
    const bool used = std::any_of(ports.begin(), ports.end(),
                                  [&](const Port& port) { return select.matches(port); });
    if (!used) notes.push_back(fmt::format("rule {} selects no port of this node", pointer(i)));
    add_overlaps(config, i, ports, notes);
  }
  return notes;
}

}  // namespace sluice
