#include "pkg/netlink/decode_tc.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Bytes payload = bytes_of(data, size);
  static_cast<void>(decode_qdisc(payload));
  static_cast<void>(decode_htb_class(payload));
  static_cast<void>(decode_filter(payload));
}

}  // namespace sluice
