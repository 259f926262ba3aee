#pragma once

#include <algorithm>

#include "pkg/base/bit_rate.h"

namespace sluice {

/// So many hundredths of a rate, rounded down.
constexpr BitRate percent_of(BitRate rate, int percent) {
  // Divided first: a multiplied rate could pass 64 bits.
  const std::uint64_t bits = rate.as_bits_per_second();
  const auto factor = static_cast<std::uint64_t>(percent);
  return BitRate::bits_per_second(bits / 100 * factor + bits % 100 * factor / 100);
}

/// How much of a port its lanes may be promised together; the rest is kept back from all of them.
/// A rule, not a rate: it holds at whatever speed the port comes up with.
struct UsablePart {
  BitRate fixed;
  int percent = 100;  ///< Of the line rate, beside `fixed`.

  /// Never more than the line rate.
  constexpr BitRate of(BitRate line_rate) const {
    if (percent >= 100) return line_rate;
    return std::min(line_rate, fixed + percent_of(line_rate, percent));
  }

  friend constexpr bool operator==(const UsablePart&, const UsablePart&) = default;
};

}  // namespace sluice
