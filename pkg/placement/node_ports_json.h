#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"

namespace sluice {

class Members;

// The JSON form of a node's ports, for the API and for people:
//
//   {"ports": [{"name": "0000:3b:00.0", "link": "ens1f0", "linkType": "ethernet", "numaNode": 0,
//               "driver": "mlx5_core", "lineRate": "100G", "usable": "95G", "promised": "12G",
//               "freeVfs": 5, "freeVfioVfs": 2, "networks": ["storage"]}]}
//
// Rates are quantities in bit/s. `link`, `numaNode`, `lineRate`, `freeVfs`, `freeVfioVfs` and
// `networks` are left out where the value has none.

nlohmann::json encode(const NodePorts& ports);

/// invalid_argument with every problem and its JSON pointer, which starts with `at`:
/// "/ports/0/name: want a text that is not empty; /ports/1/freeVfs: …". Keys that are not known are
/// let pass, for what writes them may be newer.
Result<NodePorts> decode_node_ports(const nlohmann::json& value, std::string_view at = "");

/// The same of a text, which is to be JSON of at most 64 levels.
Result<NodePorts> decode_node_ports_text(std::string_view text);

// For other forms of ports.

/// TotalVFs has 16 bits (PCI Express SR-IOV capability).
inline constexpr int kMostVfs = 65'535;

/// The member `linkType`; any other text, and none, is a problem.
Medium decode_medium(Members& members);

/// The member `networks`, a list of names; none where it is absent.
std::vector<std::string> decode_networks(Members& members);

}  // namespace sluice
