#pragma once

#include <span>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/offers/offer_plan.h"

namespace sluice {

/// A node's ports as plan_offers() wants them, in the order of the inventory, which must outlive
/// the answer. `lanes` are the ledger's records; a port that has none is without lanes. A line rate
/// that is unknown now is taken from the record.
std::vector<OfferPort> offer_ports(const Inventory& inventory, const Config& config,
                                   std::span<const PortRecord> lanes, const SetAside& aside);

/// The offered VFs that lanes hold, sorted. Kubelet may have allocated more (PodResources).
std::vector<std::string> held_by_lanes(std::span<const PortRecord> lanes,
                                       const std::vector<Offer>& offers);

/// `offers`, and one for each lane that was given out under a class and has none: after the offers
/// file was lost, so that no VF in use is offered again.
std::vector<Offer> with_lanes(std::vector<Offer> offers, std::span<const PortRecord> lanes);

}  // namespace sluice
