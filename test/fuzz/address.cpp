#include "pkg/netlink/decode_addresses.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(decode_address(bytes_of(data, size)));
  static_cast<void>(decode_route(bytes_of(data, size)));
}

}  // namespace sluice
