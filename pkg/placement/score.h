#pragma once

#include <array>
#include <span>
#include <string_view>

#include "pkg/base/bit_rate.h"
#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"
#include "pkg/placement/place.h"
#include "pkg/placement/pod_ask.h"

namespace sluice {

/// Which node a pod goes to, of those that have room for it.
enum class Policy {
  pack,         ///< The one that has the least left then: others stay free for large pods.
  spread,       ///< The one that has the most left then.
  best_suited,  ///< The one where least is stranded: where other pods lose the fewest places.
};

/// All of them.
inline constexpr std::array kPolicies = {Policy::pack, Policy::spread, Policy::best_suited};

/// "pack", "spread" or "best-suited"; invalid_argument for any other text.
Result<Policy> parse_policy(std::string_view text);

std::string_view to_string(Policy policy);

/// How well a node suits a pod that place() put on its ports so. Higher is better. Comparable
/// between nodes for one policy and one ask, with no unit of its own. `ports` are the node's before
/// the placement. Pure; nothing is allocated.
double suitability(Policy policy, std::span<const NodePort> ports, const PodAsk& ask,
                   const Placement& placement);

/// The same for a pod whose lanes come out of other shares (classes, claims), by what the node's
/// ports would have `left` of the `usable` bandwidth of that share.
double suitability(Policy policy, BitRate left, BitRate usable);

}  // namespace sluice
