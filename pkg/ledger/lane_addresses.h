#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/netlink/addresses.h"

namespace sluice {

/// What a lane's link has in its pod beside what the kernel gives it.
struct LaneAddresses {
  std::vector<IpPrefix> addresses;
  std::vector<Route> routes;  ///< With their gateways.
  bool rules = false;         ///< A routing table of its own, for several lanes in one subnet.

  friend bool operator==(const LaneAddresses&, const LaneAddresses&) = default;
};

/// "10.1.0.2/24,fd00::2/64"; of IpAddress and IpPrefix.
template <typename T>
std::string list(const std::vector<T>& addresses) {
  std::string text;
  for (const T& address : addresses) {
    if (!text.empty()) text += ',';
    text += address.to_string();
  }
  return text;
}

/// JSON in one line, and back. data_loss naming the JSON pointer of what is missing, or makes no
/// sense.
std::string encode(const LaneAddresses& addresses);
Result<LaneAddresses> decode_lane_addresses(std::string_view text);

}  // namespace sluice
