#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// A PCI function's address, dddd:bb:dd.f: the identity of ports and VFs. Ordered as the bus is.
class PciAddress {
 public:
  constexpr PciAddress() = default;

  /// Takes exactly the form sysfs prints, either case; invalid_argument otherwise, so that what
  /// was parsed can be used in a path.
  static Result<PciAddress> parse(std::string_view text);

  /// Lower case, "0000:3b:02.1".
  std::string to_string() const;

  /// How many functions after `first` it is, by the routing IDs of PCI; negative before it.
  constexpr std::int64_t functions_after(PciAddress first) const {
    return static_cast<std::int64_t>(packed_) - static_cast<std::int64_t>(first.packed_);
  }

  friend constexpr auto operator<=>(const PciAddress&, const PciAddress&) = default;

 private:
  constexpr explicit PciAddress(std::uint32_t packed) : packed_(packed) {}

  std::uint32_t packed_ = 0;  // domain:16 bus:8 device:5 function:3
};

}  // namespace sluice
