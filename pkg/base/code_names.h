#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "pkg/base/error.h"

namespace sluice {

/// The words for the codes, by Code: labels of metrics, and errors on the agent's socket.
inline constexpr std::array<std::string_view, 10> kCodeNames = {
    "invalid_argument", "not_found", "already_exists", "busy",      "permission_denied",
    "unsupported",      "exhausted", "timed_out",      "data_loss", "internal"};
static_assert(kCodeNames.size() == static_cast<std::size_t>(Code::internal) + 1);

/// "busy"
constexpr std::string_view name_of(Code code) {
  return kCodeNames.at(static_cast<std::size_t>(code));
}

/// The code of that name; internal for any other text, as of a newer peer.
constexpr Code code_named(std::string_view name) {
  const auto found = std::find(kCodeNames.begin(), kCodeNames.end(), name);
  return found == kCodeNames.end() ? Code::internal : static_cast<Code>(found - kCodeNames.begin());
}

}  // namespace sluice
