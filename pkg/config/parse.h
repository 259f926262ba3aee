#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/config/classes.h"
#include "pkg/config/index_set.h"
#include "pkg/config/networks.h"
#include "pkg/config/port_rules.h"
#include "pkg/json/members.h"

namespace sluice {

// The parts of parse_config().

/// "name" of a class or a network, which must be there.
std::string read_name(Members& members);

/// A member that names VFs: "0-3,8".
std::optional<IndexSet> read_indices(Members& members, const char* key);

/// The members of a selector that are about the port.
PortSelector read_port_selector(Members& members);

/// Its member "select": one selector of VFs or a list of them; all VFs when absent.
std::vector<VfSelector> read_vf_selectors(Members& rule);

/// One rule of "ports".
ProvisionRule read_port_rule(const nlohmann::json& rule, const std::string& at, Problems& problems);

/// "shares" of a rule for ports that will have `vfs` VFs.
ShareRules read_shares(const nlohmann::json& shares, const std::string& at, const VfCount& vfs,
                       Problems& problems);

/// "classes", judged together.
std::vector<ClassRule> read_classes(const nlohmann::json& classes, const std::string& at,
                                    Problems& problems);

/// "networks", judged one by one.
std::vector<NetworkRule> read_networks(const nlohmann::json& networks, const std::string& at,
                                       Problems& problems);

}  // namespace sluice
