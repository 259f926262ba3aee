#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "pkg/base/bit_rate.h"

namespace sluice::dra {

/// What linux/if_link.h's struct ifla_vf_rate can hold and drivers take: below 2³¹ Mbit/s.
inline constexpr std::uint64_t kMostMbps = std::numeric_limits<std::int32_t>::max();

inline bool can_be_kept(BitRate rate) {
  return rate.as_mbps_ceil() <= kMostMbps;
}

/// Why a rate that cannot is refused.
std::string too_much(BitRate rate);

}  // namespace sluice::dra
