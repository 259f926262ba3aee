#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"

namespace sluice::sim {

/// Nodes with the same hardware.
struct NodeShape {
  std::string name;
  std::vector<NodePort> ports;  ///< Nothing promised, all VFs free.
  double part = 0;              ///< Of the fleet.
};

struct Fleet {
  std::vector<NodeShape> shapes;
  std::vector<std::size_t> nodes;  ///< By node: its shape.

  const NodeShape& shape(std::size_t node) const { return shapes[nodes[node]]; }

  /// Of all ports together.
  BitRate usable() const;
  std::uint64_t vfs() const;
};

/// All that can be promised of the ports.
BitRate usable_of(const std::vector<NodePort>& ports);

/// `nodes` of one of the fleets, shapes in their parts, in an order that the seed decides:
///   "mixed"    25, 100 and 200 Gbit/s, 1 to 8 ports, 7 to 120 VFs a port
///   "uniform"  two ports of 100 Gbit/s with 32 VFs
///   "few-vfs"  as mixed, with 7 VFs a port, as many as an igb has
/// invalid_argument for another name.
Result<Fleet> make_fleet(std::string_view name, std::size_t nodes, std::uint64_t seed);

}  // namespace sluice::sim
