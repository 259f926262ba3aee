#include "pkg/base/pci_address.h"

#include <charconv>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

// The hexadecimal number that is the whole of `text`, or a value no field admits.
std::uint32_t hex(std::string_view text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value, 16);
  return status == std::errc() && stop == end ? value : UINT32_MAX;
}

}  // namespace

Result<PciAddress> PciAddress::parse(std::string_view text) {
  const Error malformed(
      Code::invalid_argument,
      fmt::format("want a PCI address like 0000:3b:02.1, got {}", in_quotes(text)));
  if (text.size() != 12 || text[4] != ':' || text[7] != ':' || text[10] != '.') return malformed;
  const std::uint32_t domain = hex(text.substr(0, 4));
  const std::uint32_t bus = hex(text.substr(5, 2));
  const std::uint32_t device = hex(text.substr(8, 2));
  const std::uint32_t function = hex(text.substr(11, 1));
  if (domain > 0xffff || bus > 0xff || device > 0x1f || function > 7) return malformed;
  return PciAddress(domain << 16 | bus << 8 | device << 3 | function);
}

std::string PciAddress::to_string() const {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", packed_ >> 16, packed_ >> 8 & 0xff,
                     packed_ >> 3 & 0x1f, packed_ & 7);
}

}  // namespace sluice
