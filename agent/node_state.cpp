#include "agent/node_state.h"

#include <algorithm>
#include <utility>

#include "agent/front_end.h"
#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

std::optional<std::vector<std::string>> given_vfs(std::span<FrontEnd* const> front_ends,
                                                  const Config& config) {
  std::vector<std::string> all;
  for (const FrontEnd* const front_end : front_ends) {
    const std::optional<std::vector<std::string>> given = front_end->given_vfs(config);
    if (!given) return std::nullopt;
    all.insert(all.end(), given->begin(), given->end());
  }
  return all;
}

bool is_kubernetes_asked(std::span<FrontEnd* const> front_ends) {
  return std::ranges::any_of(
      front_ends, [](const FrontEnd* front_end) { return front_end->asks_kubernetes(); });
}

}  // namespace

// Kubernetes first: it is judged by what was sent with the last step.
Result<NodeState> read_node(const NodeSources& sources, std::shared_ptr<const Config> config) {
  NodeState node;
  node.given = given_vfs(sources.front_ends, *config);
  node.has_kubernetes = sources.kubernetes.is_there();
  if (is_kubernetes_asked(sources.front_ends)) node.kubernetes = sources.kubernetes.view(*config);
  node.before = TRY(read_records(sources.ledger));
  const auto start = NodeState::Clock::now();
  node.inventory = TRY(scan(sources.sysfs).context("look at the hardware"));
  node.now = NodeState::Clock::now();
  node.scan_took = node.now - start;
  node.after = TRY(read_records(sources.ledger));
  node.with_lanes = lane_ids(node.after);
  node.in_use = node.with_lanes;
  if (node.given) node.in_use.insert(node.given->begin(), node.given->end());
  node.grants = TRY(sources.grants.load());
  node.config = std::move(config);
  return node;
}

}  // namespace sluice
