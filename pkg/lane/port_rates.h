#pragma once

#include <vector>

#include "pkg/base/result.h"
#include "pkg/lane/provider_set.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/promises.h"

namespace sluice {

// How the bandwidth of one port is divided. What is set aside on other ports is ignored.

/// What each of the port's lanes is to have in force, in the record's order. What the node keeps
/// back is no lane's to use, except for promises that were made before it did.
Result<std::vector<Rate>> plan_rates(const PortRecord& port, const SetAside& aside);

/// Which lanes settle() writes: those whose rate changes, or all of them (after a crash, when the
/// record may be behind the kernel).
enum class Rewrite { changed, all };

/// Brings every lane's rate to plan, reductions first, and updates the record as it goes; does not
/// save. A lane still `reserved` is not in force yet: its planned rate is recorded and not written,
/// so that it can be configured once the others have made room.
Result<> settle(PortRecord& port, const SetAside& aside, const ProviderSet& providers,
                Rewrite rewrite);

/// The same for a port whose lanes are all in force, where one refusal keeps no other lane from its
/// part: goes on after a failure and returns all of them in one error. Nothing is raised once
/// something could not be lowered.
Result<> settle_each(PortRecord& port, const SetAside& aside, const ProviderSet& providers);

/// Takes each lane's rate off and puts it on again, one lane after the other, those with floors
/// last. For drivers that report rates their hardware has lost (DriverCapability): there is no
/// other way, for what they report they do not write, and it leaves one lane at a time without a
/// limit, for two requests. Goes on after a failure, as settle_each().
Result<> rewrite(const PortRecord& port, const ProviderSet& providers);

}  // namespace sluice
