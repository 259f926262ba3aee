#pragma once

#include <string>
#include <vector>

#include "pkg/config/port_rules.h"

namespace sluice {

/// What the author of the configuration may not have meant, a sentence each, rules by their JSON
/// pointer: rules that select no port, and ports for which a later rule is void because an earlier
/// one selects them too. A rule for all ports ("select": {}) after others is what it is for, and
/// nothing is said of it. Pure.
std::vector<std::string> rule_notes(const ProvisionConfig& config, const std::vector<Port>& ports);

}  // namespace sluice
