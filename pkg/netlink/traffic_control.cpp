#include "pkg/netlink/traffic_control.h"

#include <fmt/format.h>

namespace sluice {

std::string to_string(TcHandle handle) {
  return handle.minor == 0 ? fmt::format("{:x}:", handle.major)
                           : fmt::format("{:x}:{:x}", handle.major, handle.minor);
}

// Where the addresses lie, from the network header: destination −14 to −9, source −8 to −3. Keys
// start at multiples of 4, so that of −16 covers two bytes before the frame, which it masks out.

std::vector<U32Key> match_source(const MacAddress& mac) {
  const auto b = [&mac](std::size_t i) { return std::uint32_t{mac.bytes().at(i)}; };
  return {{-8, b(0) << 24 | b(1) << 16 | b(2) << 8 | b(3), 0xffffffff},
          {-4, b(4) << 24 | b(5) << 16, 0xffff0000}};
}

std::vector<U32Key> match_destination(const MacAddress& mac) {
  const auto b = [&mac](std::size_t i) { return std::uint32_t{mac.bytes().at(i)}; };
  return {{-16, b(0) << 8 | b(1), 0x0000ffff},
          {-12, b(2) << 24 | b(3) << 16 | b(4) << 8 | b(5), 0xffffffff}};
}

std::vector<U32Key> match_group_destination() {
  const std::uint32_t group_bit = 0x0100;  // Lowest bit of the address's first byte.
  return {{-16, group_bit, group_bit}};
}

std::vector<U32Key> match_everything() {
  return {{0, 0, 0}};
}

}  // namespace sluice
