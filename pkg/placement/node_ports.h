#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/bandwidth/capability.h"
#include "pkg/base/bit_rate.h"

namespace sluice {

/// What the link of a port speaks.
enum class Medium { ethernet, infiniband };

/// As JSON and people have it, and back: "ethernet", "infiniband".
std::string_view to_string(Medium medium);
std::optional<Medium> parse_medium(std::string_view text);

/// A port as placement sees it: plain values, read from the node's hardware or from the API.
struct NodePort {
  std::string name;                  ///< PCI address, or the uplink's name; unique on the node.
  std::string link;                  ///< "ens1f0"; empty when it has none.
  Medium medium = Medium::ethernet;  ///< What its link speaks.
  std::optional<int> numa_node;
  std::string driver;                      ///< Row of the capability table.
  BitRate line_rate;                       ///< Zero while unknown.
  BitRate usable;                          ///< What may be promised; at most the line rate.
  BitRate promised;                        ///< Above `usable` after the line rate fell.
  std::optional<int> free_vfs;             ///< With a link. nullopt: lanes need no VF here.
  int free_vfio_vfs = 0;                   ///< Bound to vfio-pci: for lanes that ask for that.
  std::vector<std::string> networks = {};  ///< Those that every lane here can have.

  friend bool operator==(const NodePort&, const NodePort&) = default;
};

/// The ports of a node.
struct NodePorts {
  std::vector<NodePort> ports;

  friend bool operator==(const NodePorts&, const NodePorts&) = default;
};

/// How the port keeps floors and ceilings.
const DriverCapability& capability_of(const NodePort& port);

/// As people know it: its link, else its name.
const std::string& label(const NodePort& port);

/// For admit() and check_carries(), which call the port by its label.
PortBudget budget_of(const NodePort& port);

}  // namespace sluice
