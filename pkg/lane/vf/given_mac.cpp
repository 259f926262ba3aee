#include "pkg/lane/vf/given_mac.h"

#include <cstdint>

namespace sluice {
namespace {

// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

}  // namespace

MacAddress given_mac(const MacAddress& port, int vf) {
  std::uint64_t input = 0;
  for (const std::uint8_t byte : port.bytes()) input = input << 8U | byte;
  const std::uint64_t hash = mix(input << 16U | static_cast<std::uint16_t>(vf));
  MacAddress::Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(hash >> (8U * i));
  }
  // IEEE 802, 8.2: bit 0 of the first octet is "group", bit 1 "locally administered".
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xfcU) | 0x02U);
  return MacAddress(bytes);
}

std::optional<MacAddress> mac_of_port(const Link& uplink) {
  const std::optional<MacAddress> mac = uplink.permanent_mac ? uplink.permanent_mac : uplink.mac;
  return mac && !mac->is_zero() ? mac : std::nullopt;
}

}  // namespace sluice
