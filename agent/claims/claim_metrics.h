#pragma once

#include <span>

#include "dra/slices/claim_node.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows how many claims are prepared, and how many VFs of each port they were granted: of ports
/// with something for claims, if only 0.
void show_claims(Metrics& metrics, std::span<const dra::ClaimPort> ports,
                 std::span<const Grant> grants);

}  // namespace sluice
