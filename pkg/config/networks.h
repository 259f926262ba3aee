#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/selector.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// What lanes have beside bandwidth: usually one network a rail. Several may have the same name,
/// for different nodes or ports.
struct NetworkRule {
  std::string name;
  std::string node;  ///< Pattern, as fnmatch(3) has it, of the node's name; empty: every node.
  std::vector<VfSelector> select = {VfSelector()};  ///< One that matches is enough.

  /// The network in the CNI's words, with `ipam`, `routes` and `rules`: what an IPAM plugin reads.
  /// Empty without `ipam`.
  std::string cni;
  std::optional<int> mtu;
  std::optional<VlanTag> vlan;

  friend bool operator==(const NetworkRule&, const NetworkRule&) = default;
};

/// The first network of the name `wanted`, or of any where that is empty, that is for the VF;
/// nullptr when there is none.
const NetworkRule* network_for(std::span<const NetworkRule> networks, std::string_view wanted,
                               const Port& port, int vf_index);

/// Takes those out that are for other nodes. An empty name is that of no node.
void keep_networks_of(std::string_view node, std::vector<NetworkRule>& networks);

}  // namespace sluice
