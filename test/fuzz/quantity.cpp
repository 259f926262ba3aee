#include "pkg/base/quantity.h"

#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<BitRate> rate = parse_quantity(text_of(data, size));
  if (!rate) return;
  const Result<BitRate> again = parse_quantity(to_quantity(*rate));
  require(again && *again == *rate);
}

}  // namespace sluice
