#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"

namespace sluice {

/// What one lane of a pod asks of its port. Nothing given but the rate: any port.
struct LaneAsk {
  Rate rate;
  std::optional<int> numa_node;
  std::string link;  ///< Pattern as fnmatch(3) has it: "ens*f0"; empty: any.
  std::optional<Medium> medium;
  std::string network = {};  ///< One of those of the port; empty: any, or none.
  bool vfio = false;         ///< It takes a VF bound to vfio-pci, otherwise one with a link.

  /// Whether the port is where the lane is asked to be; says nothing about rates.
  bool matches(const NodePort& port) const;

  friend bool operator==(const LaneAsk&, const LaneAsk&) = default;
};

/// Lanes by their position in the ask.
using LaneGroup = std::vector<std::size_t>;

/// The lanes of a pod, and which of them belong on one port or on different ones.
struct PodAsk {
  std::vector<LaneAsk> lanes;
  std::vector<LaneGroup> same_port;        ///< The lanes of a group share a port.
  std::vector<LaneGroup> different_ports;  ///< No two lanes of a group share a port.
};

/// As many as the papers' largest pods ask for, and as the bits of a word.
constexpr std::size_t kMostLanes = 64;

/// invalid_argument when the ask is wrong by itself: more than kMostLanes lanes, or groups of a
/// kind; an empty group, or one of a lane that is not there; a rate of 2^56 bit/s or more.
Result<> check(const PodAsk& ask);

/// The lanes in bundles that must share a port, each in order; by their first lanes.
/// invalid_argument when two lanes of a bundle are asked to be on different ports.
Result<std::vector<LaneGroup>> bundles_of(const PodAsk& ask);

}  // namespace sluice
