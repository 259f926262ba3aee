#include "pkg/netlink/decode_vf.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<VfList> list = decode_vfs(bytes_of(data, size));
  if (!list) return;
  for (const VfInfo& vf : list->vfs) require(list->find(vf.index) != nullptr);
}

}  // namespace sluice
