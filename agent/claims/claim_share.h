#pragma once

#include <span>
#include <string>
#include <vector>

#include "dra/slices/claim_node.h"
#include "pkg/bandwidth/capability.h"
#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// The claims' share of a port, as it is now.
struct ClaimShare {
  const Port* hardware = nullptr;
  const DriverCapability* capability = nullptr;
  BitRate line_rate;            ///< As last known; zero while unknown.
  BitRate bandwidth;            ///< What claims may be promised.
  BitRate promised;             ///< What they are, and what others took beyond their own shares.
  std::vector<const Vf*> vfs;   ///< All of the share, by index.
  std::vector<const Vf*> free;  ///< Without lane, offer and grant.

  /// Neither offered nor granted: the pod that had it may not have given it back yet. The
  /// CNI plugin waits for that.
  std::vector<const Vf*> leaving;
};

/// `port` must outlive the answer. Without a rule of the configuration the share is empty. Pure.
ClaimShare claim_share(const Port& port, const Config& config, const PortRecord* record,
                       const SetAside& aside);

/// How the API server is to see it.
dra::ClaimPort published(const ClaimShare& share, const Config& config);

/// All ports of the node that have something for claims, as its ResourceSlices are to say.
std::vector<dra::ClaimPort> claim_ports(const Inventory& inventory, const Config& config,
                                        std::span<const PortRecord> records, const SetAside& aside);

}  // namespace sluice
