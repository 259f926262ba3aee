#include "cni/protocol/environment.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(cni::parse_args(text_of(data, size)));
}

}  // namespace sluice
