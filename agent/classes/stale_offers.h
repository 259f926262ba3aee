#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/offers.h"

namespace sluice {

/// Offers that stay for no other reason than that pods hold their VFs, with why the configuration
/// does not want them any more: VF -> "class 'gold' is not configured any more". `held` are all
/// VFs that pods have. Pure.
std::map<std::string, std::string> stale_offers(std::span<const Offer> offers, const Config& config,
                                                const Inventory& inventory,
                                                const std::set<std::string>& held);

}  // namespace sluice
