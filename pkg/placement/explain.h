#pragma once

#include <cstddef>
#include <string>

#include "pkg/base/result.h"
#include "pkg/placement/bounds.h"
#include "pkg/placement/question.h"

namespace sluice {

// Why lanes are not placed, as people read it.

/// The numbers of the lanes: "lane 3", "lanes 0, 2 and 3".
std::string name_lanes(const LaneGroup& lanes);

/// exhausted: "60 lanes asked, 59 VFs free: 30 on port ens1f0, 29 on port ens1f1".
Error explain(const Question& question, const Shortage& shortage);

/// exhausted, where lanes fit one by one, but not together.
Error explain_combination(const Question& question);

/// timed_out
Error explain_given_up(const Question& question, std::uint64_t steps);

}  // namespace sluice
