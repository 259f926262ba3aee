#include "bench/cluster_sim/cluster.h"

#include <algorithm>
#include <tuple>

#include "pkg/bandwidth/admission.h"

namespace sluice::sim {
namespace {

bool are_alike(const NodePort& a, const NodePort& b) {
  return std::tie(a.medium, a.numa_node, a.driver, a.line_rate, a.usable, a.free_vfs) ==
         std::tie(b.medium, b.numa_node, b.driver, b.line_rate, b.usable, b.free_vfs);
}

std::uint64_t above(std::uint64_t promised, BitRate usable) {
  const std::uint64_t most = usable.as_bits_per_second();
  return promised > most ? promised - most : 0;
}

}  // namespace

Cluster::Cluster(const Fleet& fleet, PortOrder order)
    : fleet_(fleet), order_(order), nodes_(fleet.nodes.size()) {
  shown_.reserve(fleet.shapes.size());
  for (const NodeShape& shape : fleet.shapes) shown_.push_back(shape.ports);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const std::size_t ports = fleet.shape(node).ports.size();
    nodes_[node].uses.reserve(ports);
    for (std::size_t port = 0; port < ports; ++port) nodes_[node].uses.push_back({.port = port});
    settle(node);
  }
}

const std::vector<NodePort>& Cluster::ports(std::size_t node) {
  std::vector<NodePort>& shown = shown_[fleet_.nodes[node]];
  const std::vector<NodePort>& all = fleet_.shape(node).ports;
  const std::vector<PortUse>& uses = nodes_[node].uses;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    shown[i].promised = BitRate::bits_per_second(uses[i].promised);
    if (all[i].free_vfs) shown[i].free_vfs = *all[i].free_vfs - uses[i].vfs;
  }
  return shown;
}

HeldLanes Cluster::give(std::size_t node, const PodAsk& ask, const Placement& placement) {
  HeldLanes held{.node = node, .lanes = {}};
  held.lanes.reserve(placement.size());
  for (std::size_t lane = 0; lane < placement.size(); ++lane) {
    const std::size_t port = nodes_[node].uses[placement[lane]].port;
    const BitRate promise = effective_promise(capability_of(fleet_.shape(node).ports[port]),
                                              ask.lanes[lane].rate.floor);
    held.lanes.push_back({.port = port, .promise = promise.as_bits_per_second()});
  }
  for (const HeldLanes::Lane& lane : held.lanes) {
    PortUse& use = use_of(node, lane.port);
    change(node, lane.port, use.promised + lane.promise, use.vfs + 1);
  }
  settle(node);
  return held;
}

void Cluster::take(const HeldLanes& held) {
  for (const HeldLanes::Lane& lane : held.lanes) {
    PortUse& use = use_of(held.node, lane.port);
    change(held.node, lane.port, use.promised - lane.promise, use.vfs - 1);
  }
  settle(held.node);
}

Cluster::PortUse& Cluster::use_of(std::size_t node, std::size_t port) {
  return *std::ranges::find(nodes_[node].uses, port, &PortUse::port);
}

void Cluster::change(std::size_t node, std::size_t port, std::uint64_t promised, int vfs) {
  PortUse& use = use_of(node, port);
  const BitRate usable = fleet_.shape(node).ports[port].usable;
  promised_ += promised - use.promised;
  overcommitted_ += above(promised, usable) - above(use.promised, usable);
  use.promised = promised;
  use.vfs = vfs;
}

void Cluster::sort_alike(std::size_t node) {
  const std::vector<NodePort>& ports = fleet_.shape(node).ports;
  std::vector<PortUse>& uses = nodes_[node].uses;
  for (std::size_t first = 0; first < uses.size();) {
    std::size_t last = first;
    while (last < uses.size() && are_alike(ports[last], ports[first])) ++last;
    const auto begin = uses.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, begin + static_cast<std::ptrdiff_t>(last - first),
              [](const PortUse& a, const PortUse& b) {
                return std::tie(a.promised, a.vfs) < std::tie(b.promised, b.vfs);
              });
    first = last;
  }
}

/// Finds the number of the node's state.
void Cluster::settle(std::size_t node) {
  if (order_ == PortOrder::by_promise) sort_alike(node);
  std::string key(1, static_cast<char>(fleet_.nodes[node]));
  for (const PortUse& use : nodes_[node].uses) {
    key.append(reinterpret_cast<const char*>(&use.promised), sizeof(use.promised));
    key.append(reinterpret_cast<const char*>(&use.vfs), sizeof(use.vfs));
  }
  nodes_[node].state = ids_.emplace(std::move(key), ids_.size()).first->second;
}

}  // namespace sluice::sim
