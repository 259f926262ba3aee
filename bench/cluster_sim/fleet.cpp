#include "bench/cluster_sim/fleet.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "pkg/base/strings.h"

namespace sluice::sim {
namespace {

/// Ports alike, on two NUMA nodes from four ports on.
NodeShape shape_of(std::string name, std::size_t ports, std::uint64_t gbps, int vfs) {
  NodeShape shape{.name = std::move(name)};
  shape.ports.reserve(ports);
  for (std::size_t number = 0; number < ports; ++number) {
    shape.ports.push_back({.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
                           .link = fmt::format("ens{}np0", number),
                           .numa_node = ports < 4 || number < ports / 2 ? 0 : 1,
                           .driver = "mlx5_core",
                           .line_rate = BitRate::gbps(gbps),
                           .usable = BitRate::gbps(gbps),
                           .promised = {},
                           .free_vfs = vfs});
  }
  return shape;
}

NodeShape part_of_fleet(double part, NodeShape shape) {
  shape.part = part;
  return shape;
}

std::vector<NodeShape> mixed() {
  return {part_of_fleet(0.10, shape_of("1x25G", 1, 25, 7)),
          part_of_fleet(0.30, shape_of("2x25G", 2, 25, 16)),
          part_of_fleet(0.30, shape_of("2x100G", 2, 100, 32)),
          part_of_fleet(0.15, shape_of("4x100G", 4, 100, 64)),
          part_of_fleet(0.10, shape_of("2x200G", 2, 200, 120)),
          part_of_fleet(0.05, shape_of("8x200G", 8, 200, 120))};
}

Result<std::vector<NodeShape>> shapes_of(std::string_view fleet) {
  std::vector<NodeShape> shapes = mixed();
  if (fleet == "mixed") return shapes;
  if (fleet == "uniform") return std::vector{part_of_fleet(1, shape_of("2x100G", 2, 100, 32))};
  if (fleet != "few-vfs") {
    return Error(Code::invalid_argument,
                 fmt::format("fleet {}: want mixed, uniform or few-vfs", in_quotes(fleet)));
  }
  for (NodeShape& shape : shapes) {
    for (NodePort& port : shape.ports) port.free_vfs = 7;
  }
  return shapes;
}

}  // namespace

BitRate usable_of(const std::vector<NodePort>& ports) {
  BitRate sum;
  for (const NodePort& port : ports) sum += port.usable;
  return sum;
}

BitRate Fleet::usable() const {
  BitRate sum;
  for (const std::size_t shape : nodes) sum += usable_of(shapes[shape].ports);
  return sum;
}

std::uint64_t Fleet::vfs() const {
  std::uint64_t sum = 0;
  for (const std::size_t shape : nodes) {
    for (const NodePort& port : shapes[shape].ports) {
      sum += static_cast<std::uint64_t>(port.free_vfs.value_or(0));
    }
  }
  return sum;
}

Result<Fleet> make_fleet(std::string_view name, std::size_t nodes, std::uint64_t seed) {
  Fleet fleet{.shapes = TRY(shapes_of(name)), .nodes = {}};
  double part = 0;
  for (std::size_t shape = 0; shape < fleet.shapes.size(); ++shape) {
    part += fleet.shapes[shape].part;
    const auto end = static_cast<std::size_t>(std::llround(part * static_cast<double>(nodes)));
    fleet.nodes.resize(std::max(end, fleet.nodes.size()), shape);
  }
  std::mt19937_64 random(seed);
  std::shuffle(fleet.nodes.begin(), fleet.nodes.end(), random);
  return fleet;
}

}  // namespace sluice::sim
