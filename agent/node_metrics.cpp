#include "agent/node_metrics.h"

#include <array>
#include <span>
#include <string>

#include "pkg/base/kube_names.h"
#include "pkg/metrics/gauge_values.h"
#include "pkg/offers/budgets.h"

namespace sluice {
namespace {

void set_promised(Metrics& metrics, const NodeState& node, const SetAside& aside) {
  Counts<1> promised;
  for (const auto& [port, budget] : port_budgets(node.inventory, node.after, aside)) {
    promised[{port}] = bytes_per_second(budget.promised);
  }
  metrics.replace(metric::kPortPromised, gauge_values(promised));
}

void set_lanes(Metrics& metrics, std::span<const PortRecord> records) {
  Counts<2> lanes;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      const bool is_lost = lane.lost != Lost::nothing;
      ++lanes[{record.port, is_lost ? "lost" : std::string(to_string(lane.phase))}];
    }
  }
  metrics.replace(metric::kLanes, gauge_values(lanes));
}

std::array<std::string, 4> labels_of(const std::string& port, const LaneRecord& lane) {
  const NamespacedName pod = split_name(lane.owner.pod);  // Both empty when it is not known.
  return {port, lane.id, pod.name_space, pod.name};
}

void set_rates(Metrics& metrics, std::span<const PortRecord> records) {
  Counts<4> floors;
  Counts<4> ceilings;
  Counts<4> floors_in_force;
  Counts<4> ceilings_in_force;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      const auto labels = labels_of(record.port, lane);
      floors[labels] = bytes_per_second(lane.asked.floor);
      floors_in_force[labels] = bytes_per_second(lane.in_force.floor);
      if (const BitRate most = lane.asked.ceiling; !most.is_zero()) {
        ceilings[labels] = bytes_per_second(most);
      }
      if (const BitRate most = lane.in_force.ceiling; !most.is_zero()) {
        ceilings_in_force[labels] = bytes_per_second(most);
      }
    }
  }
  metrics.replace(metric::kLaneFloor, gauge_values(floors));
  metrics.replace(metric::kLaneCeiling, gauge_values(ceilings));
  metrics.replace(metric::kLaneFloorInForce, gauge_values(floors_in_force));
  metrics.replace(metric::kLaneCeilingInForce, gauge_values(ceilings_in_force));
}

}  // namespace

void show_node(Metrics& metrics, const NodeState& node, const SetAside& aside) {
  set_promised(metrics, node, aside);
  set_lanes(metrics, node.after);
  set_rates(metrics, node.after);
}

}  // namespace sluice
