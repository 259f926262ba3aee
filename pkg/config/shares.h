#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/usable_part.h"
#include "pkg/config/index_set.h"

namespace sluice {

/// Who gives lanes to pods. Each has a share of a port of its own, so that no two of them promise
/// the same bit.
enum class FrontEndName {
  classes,  ///< Device plugin.
  claims,   ///< DRA driver.
  pods,     ///< Annotations.
};

constexpr std::array kFrontEndNames = {FrontEndName::classes, FrontEndName::claims,
                                       FrontEndName::pods};

/// As the configuration writes it: "classes", "claims", "pods".
std::string_view to_string(FrontEndName front_end);

/// One front end's part of a port as the configuration has it. At most one of each pair is given;
/// neither is "what the others leave".
struct ShareRule {
  std::optional<int> vf_count;
  std::optional<IndexSet> vf_indices;
  std::optional<BitRate> bandwidth;
  std::optional<int> percent;  ///< Of what is usable on the port.

  friend bool operator==(const ShareRule&, const ShareRule&) = default;
};

/// The parts of all front ends; one without a rule has nothing. By default classes have all.
struct ShareRules {
  std::array<std::optional<ShareRule>, kFrontEndNames.size()> rules = {ShareRule(), std::nullopt,
                                                                       std::nullopt};

  std::optional<ShareRule>& of(FrontEndName front_end) {
    return rules[static_cast<std::size_t>(front_end)];
  }

  const std::optional<ShareRule>& of(FrontEndName front_end) const {
    return rules[static_cast<std::size_t>(front_end)];
  }

  friend bool operator==(const ShareRules&, const ShareRules&) = default;
};

/// A front end's part of a certain port.
struct Share {
  std::vector<int> vfs;  ///< Indices, ascending.
  BitRate bandwidth;

  friend bool operator==(const Share&, const Share&) = default;
};

/// In the order of kFrontEndNames.
using Shares = std::array<Share, kFrontEndNames.size()>;

/// What all shares have together: the rest of the port is kept back, from lanes of no front end as
/// well. All of it where nothing is named, or a share is what the others leave.
UsablePart usable_part(const ShareRules& rules);

/// Divides a port that has these VFs (indices, ascending) and `usable` bandwidth. The shares never
/// overlap, whatever the rules say: where there is less than they name, classes are served first,
/// then claims, then pods. A number of VFs takes the lowest indices that no rule names.
Shares divide_port(const ShareRules& rules, BitRate usable, const std::vector<int>& vfs);

}  // namespace sluice
