#pragma once

#include <vector>

#include "dra/slices/claim_node.h"
#include "dra/slices/device.h"

namespace sluice::dra {

// Counters of a node's VFs of classes. The set of a port has its bandwidth for classes and one VF
// each; one set of the node has the classes of which it may have so many.

/// All sets of the node that its VFs draw on, by name; none that is empty.
std::vector<CounterSet> counter_sets(const ClaimNode& node);

/// What a VF takes of them under its class: itself, what its floor costs on its port, and one of
/// the class where that is bounded.
std::vector<CounterSet> consumed_by(const ClaimVf& vf, const ClaimNode& node);

}  // namespace sluice::dra
