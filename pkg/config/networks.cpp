#include "pkg/config/networks.h"

#include <fnmatch.h>

#include <algorithm>

namespace sluice {

const NetworkRule* network_for(std::span<const NetworkRule> networks, std::string_view wanted,
                               const Port& port, int vf_index) {
  const auto found = std::ranges::find_if(networks, [&](const NetworkRule& rule) {
    return (wanted.empty() || rule.name == wanted) && any_matches(rule.select, port, vf_index);
  });
  return found == networks.end() ? nullptr : &*found;
}

void keep_networks_of(std::string_view node, std::vector<NetworkRule>& networks) {
  const std::string name(node);
  std::erase_if(networks, [&](const NetworkRule& rule) {
    return !rule.node.empty() && ::fnmatch(rule.node.c_str(), name.c_str(), 0) != 0;
  });
}

}  // namespace sluice
