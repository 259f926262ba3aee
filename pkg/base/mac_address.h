#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// A 48-bit Ethernet address.
class MacAddress {
 public:
  using Bytes = std::array<std::uint8_t, 6>;

  constexpr MacAddress() = default;

  constexpr explicit MacAddress(const Bytes& bytes) : bytes_(bytes) {}

  /// Six hexadecimal pairs joined by ':' (or '-'), either case; invalid_argument otherwise.
  static Result<MacAddress> parse(std::string_view text);

  /// Lower case, "60:00:00:00:00:e1".
  std::string to_string() const;

  constexpr const Bytes& bytes() const { return bytes_; }

  constexpr bool is_zero() const { return bytes_ == Bytes{}; }

  /// The group bit: such an address cannot be a link's own.
  constexpr bool is_multicast() const { return (bytes_[0] & 1) != 0; }

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

 private:
  Bytes bytes_{};
};

}  // namespace sluice
