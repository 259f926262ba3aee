#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "pkg/base/mac_address.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// Values as a failed expectation is to show them.

inline std::string text(const std::optional<MacAddress>& mac) {
  return mac ? mac->to_string() : "none";
}

inline std::string text(const std::optional<VlanTag>& tag) {
  if (!tag) return "not reported";
  // No tag, and drivers differ in the protocol they report for it.
  if (tag->id == 0 && tag->qos == 0) return "none";
  return fmt::format("{} qos {} protocol {:04x}", tag->id, tag->qos, tag->protocol);
}

inline std::string text(const std::optional<VfLinkState>& state) {
  constexpr const char* kNames[] = {"auto", "enable", "disable"};
  return state ? kNames[static_cast<unsigned>(*state)] : "none";
}

inline std::string text(const Rate& rate) {
  return fmt::format("floor {} ceiling {}", to_string(rate.floor), to_string(rate.ceiling));
}

}  // namespace sluice
