#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pkg/placement/place.h"

namespace sluice {

/// A port "ens<number>" of 100 Gbit/s with `free` to promise.
inline NodePort port_with(std::uint64_t number, BitRate free, std::optional<int> vfs = 16) {
  return {.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
          .link = fmt::format("ens{}", number),
          .numa_node = {},
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(100),
          .usable = BitRate::gbps(100),
          .promised = BitRate::gbps(100) - free,
          .free_vfs = vfs};
}

/// Ports with so many Gbit/s free.
inline std::vector<NodePort> ports_with(const std::vector<std::uint64_t>& gbps) {
  std::vector<NodePort> ports;
  ports.reserve(gbps.size());
  for (const std::uint64_t free : gbps) {
    ports.push_back(port_with(ports.size(), BitRate::gbps(free)));
  }
  return ports;
}

/// Lanes with floors of so many Gbit/s.
inline PodAsk lanes_of(const std::vector<std::uint64_t>& gbps) {
  PodAsk ask;
  ask.lanes.reserve(gbps.size());
  for (const std::uint64_t floor : gbps) {
    ask.lanes.push_back({.rate = {.floor = BitRate::gbps(floor), .ceiling = {}}});
  }
  return ask;
}

inline PodAsk lanes_of(std::size_t count, std::uint64_t gbps) {
  return lanes_of(std::vector<std::uint64_t>(count, gbps));
}

}  // namespace sluice
