#include "pkg/netlink/decode_rdma.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Bytes payload = bytes_of(data, size);
  static_cast<void>(decode_rdma_device(payload));
  static_cast<void>(decode_rdma_netns_mode(payload));
  static_cast<void>(decode_rdma_char_device(payload));
  static_cast<void>(decode_rdma_port_link(payload));
}

}  // namespace sluice
