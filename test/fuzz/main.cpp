#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(  // NOLINT(readability-identifier-naming): libFuzzer's name.
    const std::uint8_t* data, std::size_t size) {
  sluice::try_input(data, size);
  return 0;
}
