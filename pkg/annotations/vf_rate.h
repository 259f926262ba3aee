#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "pkg/base/bit_rate.h"
#include "pkg/json/members.h"

namespace sluice {

/// What linux/if_link.h's struct ifla_vf_rate can hold and drivers take: below 2³¹ Mbit/s.
inline constexpr std::uint64_t kMostMbps = std::numeric_limits<std::int32_t>::max();

inline bool can_be_kept(BitRate rate) {
  return rate.as_mbps_ceil() <= kMostMbps;
}

/// Why a rate that cannot is refused.
std::string too_much(BitRate rate);

/// A quantity in bit/s that a VF can have: "25G". Zero is a rate, too: no floor, or no limit, as
/// ip-link(8) has them. nullopt when absent, and after a problem.
std::optional<BitRate> read_vf_rate(Members& members, const char* key);

}  // namespace sluice
