#include "pkg/netlink/decode_devlink.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Bytes payload = bytes_of(data, size);
  static_cast<void>(decode_family_id(payload));
  static_cast<void>(decode_eswitch_mode(payload));
  static_cast<void>(decode_rate(payload));
  static_cast<void>(decode_vf_port(payload));
}

}  // namespace sluice
