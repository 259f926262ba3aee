#pragma once

#include <vector>

#include "pkg/offers/assignment.h"

namespace sluice {

/// The VFs that no class has, by port and reason, in the order of the ports.
std::vector<Unoffered> explain_unoffered(const Candidates& candidates,
                                         const Assignment& assignment);

}  // namespace sluice
