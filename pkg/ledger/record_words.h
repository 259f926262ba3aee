#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

/// What a port's file says by words: shared by its writer and its reader.

constexpr std::uint64_t kPortFileVersion = 1;

/// By Phase.
constexpr std::array<std::string_view, 4> kPhases = {"reserved", "configured", "attached",
                                                     "releasing"};

/// By Lost; the first is left out of the file.
constexpr std::array<std::string_view, 3> kLost = {"nothing", "rdma_device", "link"};

/// By VfLinkState.
constexpr std::array<std::string_view, 3> kLinkStates = {"auto", "enable", "disable"};

/// The position of `text` in `names`; nullopt when it is none of them.
template <std::size_t N>
constexpr std::optional<std::size_t> index_of(const std::array<std::string_view, N>& names,
                                              std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace sluice
