#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace sluice {

/// Tries one input; libFuzzer calls it through the C function in main.cpp, with bytes in an
/// allocation of just their size, so that AddressSanitizer sees any read past the end.
void try_input(const std::uint8_t* data, std::size_t size);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

/// Ends the run, with the input kept, where something that must always hold does not.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace sluice
