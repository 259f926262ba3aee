#include "pkg/placement/place.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "pkg/placement/bounds.h"
#include "pkg/placement/explain.h"
#include "pkg/placement/question.h"
#include "pkg/placement/rank.h"
#include "pkg/placement/search.h"
#include "pkg/placement/spread.h"

namespace sluice {
namespace {

/// Ports of one NUMA node that could be of use, best node first.
std::vector<PortSet> nodes_of(const Question& question) {
  struct Node {
    PortSet ports = 0;
    std::size_t vfs = 0;
  };
  std::map<std::optional<int>, Node> nodes;
  PortSet usable = 0;
  for (const BundleKind& kind : question.packing.kinds) usable |= kind.ports;
  const auto wanted = static_cast<std::size_t>(question.packing.asked_vfs().all());
  for (std::size_t port = 0; port < question.ports.size(); ++port) {
    if (!has(usable, port)) continue;
    Node& node = nodes[question.ports[port]->numa_node];
    node.ports |= bit(port);
    node.vfs += static_cast<std::size_t>(question.packing.ports[port].vfs.all());
  }
  std::vector<std::pair<std::pair<int, std::size_t>, PortSet>> ranked;
  ranked.reserve(nodes.size());
  for (const auto& [number, node] : nodes) {
    ranked.emplace_back(node_rank(node.vfs, wanted), node.ports);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PortSet> sets;
  sets.reserve(ranked.size());
  for (const auto& [rank, ports] : ranked) sets.push_back(ports);
  return sets;
}

/// What is seen at a glance: most pods that do not fit on one node do not by far.
bool may_fit(const Packing& packing, PortSet ports) {
  std::uint64_t need = 0;
  for (const BundleKind& kind : packing.kinds) {
    if ((kind.ports & ports) == 0) return false;
    need += static_cast<unsigned>(kind.count) * kind.least_promise();
  }
  std::uint64_t free = 0;
  VfSorts vfs;
  for (std::size_t port = 0; port < packing.ports.size(); ++port) {
    if (!has(ports, port)) continue;
    free += packing.ports[port].free;
    vfs += packing.ports[port].vfs;
  }
  return need <= free && packing.asked_vfs().fits(vfs);
}

SearchResult pack(const Packing& packing, PortSet favoured, std::uint64_t most_steps) {
  if (auto spread_out = spread(packing, favoured)) {
    return {.end = SearchEnd::found, .packed = *std::move(spread_out)};
  }
  return search(packing, most_steps);
}

/// Gives the bundles of each kind to its ports in order.
Placement placement_of(const Question& question, const Packed& packed, std::size_t lanes) {
  Placement placement(lanes);
  for (std::size_t kind = 0; kind < question.kinds.size(); ++kind) {
    auto bundle = question.kinds[kind].begin();
    for (std::size_t port = 0; port < packed.size(); ++port) {
      for (int left = packed[port][kind]; left > 0; --left, ++bundle) {
        for (const std::size_t lane : *bundle) placement[lane] = question.positions[port];
      }
    }
  }
  return placement;
}

}  // namespace

Result<Placement> place(std::span<const NodePort> ports, const PodAsk& ask,
                        std::uint64_t most_steps) {
  const Question question = TRY(question_of(ports, ask));
  if (const auto shortage = find_shortage(question.packing)) return explain(question, *shortage);
  const std::vector<PortSet> nodes = nodes_of(question);
  for (const PortSet node : nodes) {
    if (nodes.size() == 1) break;
    if (!may_fit(question.packing, node)) continue;
    const Packing on_node = question.packing.within(node);
    if (find_shortage(on_node)) continue;
    const SearchResult result = pack(on_node, node, most_steps);
    if (result.end == SearchEnd::found) {
      return placement_of(question, result.packed, ask.lanes.size());
    }
  }
  const PortSet favoured = nodes.empty() ? 0 : nodes.front();
  const SearchResult result = pack(question.packing, favoured, most_steps);
  if (result.end == SearchEnd::found) {
    return placement_of(question, result.packed, ask.lanes.size());
  }
  if (result.end == SearchEnd::given_up) return explain_given_up(question, result.steps);
  return explain_combination(question);
}

}  // namespace sluice
