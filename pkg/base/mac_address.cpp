#include "pkg/base/mac_address.h"

#include <fmt/ranges.h>

#include <charconv>

#include "pkg/base/strings.h"

namespace sluice {

Result<MacAddress> MacAddress::parse(std::string_view text) {
  const Error malformed(
      Code::invalid_argument,
      fmt::format("want a MAC address like 02:00:5e:10:00:01, got {}", in_quotes(text)));
  constexpr std::size_t kLength = 17;
  if (text.size() != kLength) return malformed;
  Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const at = text.data() + i * 3;
    const auto [stop, status] = std::from_chars(at, at + 2, bytes[i], 16);
    if (status != std::errc() || stop != at + 2) return malformed;
    if (i + 1 < bytes.size() && *stop != ':' && *stop != '-') return malformed;
  }
  return MacAddress(bytes);
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}", fmt::join(bytes_, ":"));
}

}  // namespace sluice
