#pragma once

#include "pkg/base/bit_rate.h"

namespace sluice {

/// The transmit bandwidth of a lane, asked for or in force. A zero floor promises nothing; a zero
/// ceiling is no limit (both as ip-link(8) has them).
struct Rate {
  BitRate floor;
  BitRate ceiling;

  friend constexpr bool operator==(const Rate&, const Rate&) = default;
};

}  // namespace sluice
