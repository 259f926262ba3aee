#include <linux/rtnetlink.h>

#include "pkg/netlink/decode_link.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<Link> link = decode_link(bytes_of(data, size));
  require(!link || link->index == 0 || size >= sizeof(ifinfomsg));
}

}  // namespace sluice
