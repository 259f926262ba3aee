#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dra/service/health_book.h"
#include "dra/slices/claim_node.h"
#include "pkg/base/pci_address.h"
#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What the name of a device in the slices stands for.
struct ClaimDevice {
  PciAddress port;
  std::optional<PciAddress> vf;  ///< nullopt: any of the port's that is not set aside for classes.
  ClassRule rule;                ///< Of the VF.
  bool is_set_aside = false;     ///< The VF is for classes now.
};

/// By name. VFs are there under each class that they could have, also where they are not published
/// now: a claim may have been allocated one before the configuration changed.
using ClaimDevices = std::map<std::string, ClaimDevice>;

/// What the node has for claims, as its ResourceSlices are to say.
struct ClaimSupply {
  std::vector<dra::ClaimPort> ports;
  std::vector<dra::ClaimVf> vfs;
  std::map<std::string, int> most;  ///< As ClaimNode has it.
  ClaimDevices devices;
};

/// Divides the claims' share of each port between the device that claims share and the VFs of
/// classes that claims serve.
///
/// For classes is set aside what plan_offers() would offer of them in the whole share, so `weight`,
/// `min` and `max` mean what they mean for the device plugin; where that leaves no VF, or less than
/// the least floor, the classes have all. It follows from configuration and hardware alone. What
/// claims hold of the other part, as after a change of the configuration, is not promised again
/// until they go.
///
/// VFs of `unfit` (-> why) that no claim has are left out, or of those of classes are not usable:
/// none could be given.
ClaimSupply claim_supply(const Inventory& inventory, const Config& config,
                         std::span<const PortRecord> records, const SetAside& aside,
                         const std::map<std::string, std::string>& unfit = {});

/// Ports of `locked` (-> by whom, as NodeState has it) and their VFs of classes get no claim: its
/// Prepare would fail.
void mark_locked(const std::map<std::string, std::string>& locked, ClaimSupply& supply);

/// The extended resource of the class that the VF was granted under; empty for a share of a port,
/// and where the configuration has the class no more.
std::string resource_of(const GrantedVf& granted, const Config& config);

/// Adds the VFs of classes to the health that the kubelet is told; `pool` is the slices'.
void add_health(const ClaimSupply& supply, const std::map<std::string, std::string>& unfit,
                const std::string& pool, dra::HealthBook& book);

}  // namespace sluice
