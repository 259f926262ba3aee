#pragma once

#include <string_view>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/base/result.h"
#include "pkg/lane/provider.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/offers.h"

namespace sluice {

/// The bandwidth of one port as ledger and offers have it. Offers of other ports are ignored.

/// nullptr when the VF is not offered.
const Offer* offer_of(const std::vector<Offer>& offers, std::string_view vf);

/// What is promised on the port: offers, taken or not, and lanes outside offers; and what may be.
PortBudget budget_of(const PortRecord& port, const std::vector<Offer>& offers);

/// What each of the port's lanes is to have in force, in the record's order. What the node keeps
/// back is no lane's to use, except for promises that were made before it did.
Result<std::vector<Rate>> plan_rates(const PortRecord& port, const std::vector<Offer>& offers);

/// Which lanes settle() writes: those whose rate changes, or all of them (after a crash, when the
/// record may be behind the kernel).
enum class Rewrite { changed, all };

/// Brings every lane's rate to plan, reductions first, and updates the record as it goes; does not
/// save. A lane still `reserved` is not in force yet: its planned rate is recorded and not written,
/// so that it can be configured once the others have made room.
Result<> settle(PortRecord& port, const std::vector<Offer>& offers, Provider& provider,
                Rewrite rewrite);

}  // namespace sluice
