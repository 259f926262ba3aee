#include "pkg/config/port_rules.h"

namespace sluice {

const ProvisionRule* ProvisionConfig::rule_for(const Port& port) const {
  for (const ProvisionRule& rule : rules) {
    if (rule.select.matches(port)) return &rule;
  }
  return nullptr;
}

}  // namespace sluice
