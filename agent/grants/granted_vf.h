#pragma once

#include <string>
#include <vector>

#include "agent/config/networks.h"
#include "pkg/annotations/lane_config.h"
#include "pkg/base/pci_address.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/grant_store.h"

namespace sluice {

/// The lane that a VF of the port is to become. Without a network, and without the names that the
/// claim or pod has for it.
GrantedVf granted_vf(const Vf& vf, PciAddress port, const Rate& rate, const LaneConfig& settings);

/// The VFs of all of them, by address.
std::vector<std::string> vfs_of(const std::vector<Grant>& grants);

/// A network that a lane names, or without a name that of its port, and by what it is named.
struct NamedNetwork {
  std::string name;
  std::string by;  ///< "the claim"
};

/// Gives the lane its network: what it has of it and does not say itself. invalid_argument when the
/// network is not for the VF.
Result<> complete(const Networks& networks, const NamedNetwork& network, GrantedVf& granted);

}  // namespace sluice
