#pragma once

#include "dra/slices/attributes.h"
#include "dra/slices/claim_node.h"

namespace sluice::dra {

/// A VF of a class as a device of one claim, with the attributes of its port. `bandwidth` is its
/// floor, which a claim can ask a least value of. Consumes no counters (counters.h).
Device vf_device(const ClaimVf& vf, const ClaimNode& node, Omissions& omissions);

}  // namespace sluice::dra
