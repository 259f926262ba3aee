#include "agent/node_metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pkg/offers/budgets.h"

namespace sluice {
namespace {

template <std::size_t kLabels>
using Counts = std::map<std::array<std::string, kLabels>, double>;

template <std::size_t kLabels>
std::vector<GaugeValue<kLabels>> values(const Counts<kLabels>& counts) {
  std::vector<GaugeValue<kLabels>> all;
  for (const auto& [labels, value] : counts) all.push_back({.labels = labels, .value = value});
  return all;
}

struct Used {
  std::set<std::string> held;
  std::set<std::string> unhealthy;
};

Used used(const SnapshotInput& input, const plugin::DeviceSnapshot& snapshot) {
  Used used;
  if (input.held != nullptr) used.held.insert(input.held->begin(), input.held->end());
  for (const PortRecord& record : input.after) {
    for (const LaneRecord& lane : record.lanes) used.held.insert(lane.id);
  }
  for (const plugin::ClassDevices& offered : snapshot.classes) {
    for (const plugin::Device& device : offered.devices) {
      if (!device.unhealthy.empty()) used.unhealthy.insert(device.id);
    }
  }
  return used;
}

void set_offers(Metrics& metrics, const SnapshotInput& input, const Used& used) {
  Counts<3> offers;
  Counts<1> promised;
  for (const Offer& offer : input.offers) {
    const bool taken = used.held.contains(offer.vf);
    const bool withdrawn = offer.state == OfferState::withdrawn;
    const std::string state = taken ? "taken" : withdrawn ? "withdrawing" : "free";
    ++offers[{offer.port, offer.class_name, state}];
  }
  metrics.replace(metric::kOffers, values(offers));
  const SetAside aside{.offers = {input.offers.begin(), input.offers.end()},
                       .grants = {input.grants.begin(), input.grants.end()}};
  for (const auto& [port, budget] : port_budgets(input.inventory, input.after, aside)) {
    promised[{port}] = bytes_per_second(budget.promised);
  }
  metrics.replace(metric::kPortPromised, values(promised));
}

void set_vfs(Metrics& metrics, const SnapshotInput& input, const Used& used) {
  std::set<std::string> offered;
  for (const Offer& offer : input.offers) offered.insert(offer.vf);
  Counts<2> counts;
  for (const Port& port : input.inventory.ports) {
    for (const char* const state : {"free", "offered", "held", "unhealthy"}) {
      counts[{port.address.to_string(), state}] = 0;
    }
    for (const Vf& vf : port.vfs) {
      const std::string id = vf.address.to_string();
      std::string state = offered.contains(id) ? "offered" : "free";
      if (used.unhealthy.contains(id)) state = "unhealthy";
      if (used.held.contains(id)) state = "held";
      ++counts[{port.address.to_string(), state}];
    }
  }
  metrics.replace(metric::kPortVfs, values(counts));
}

void set_lanes(Metrics& metrics, const SnapshotInput& input) {
  Counts<2> lanes;
  for (const PortRecord& record : input.after) {
    for (const LaneRecord& lane : record.lanes) {
      const bool is_lost = lane.lost != Lost::nothing;
      ++lanes[{record.port, is_lost ? "lost" : std::string(to_string(lane.phase))}];
    }
  }
  metrics.replace(metric::kLanes, values(lanes));
}

std::array<std::string, 4> labels_of(const std::string& port, const LaneRecord& lane) {
  const std::string& pod = lane.owner.pod;  // "<namespace>/<name>", or empty.
  const auto slash = std::min(pod.find('/'), pod.size());
  return {port, lane.id, pod.substr(0, slash), pod.substr(std::min(slash + 1, pod.size()))};
}

void set_rates(Metrics& metrics, const SnapshotInput& input) {
  Counts<4> floors;
  Counts<4> ceilings;
  Counts<4> floors_in_force;
  Counts<4> ceilings_in_force;
  for (const PortRecord& record : input.after) {
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
  metrics.replace(metric::kLaneFloor, values(floors));
  metrics.replace(metric::kLaneCeiling, values(ceilings));
  metrics.replace(metric::kLaneFloorInForce, values(floors_in_force));
  metrics.replace(metric::kLaneCeilingInForce, values(ceilings_in_force));
}

}  // namespace

void set_gauges(Metrics& metrics, const SnapshotInput& input,
                const plugin::DeviceSnapshot& snapshot) {
  const Used in_use = used(input, snapshot);
  set_offers(metrics, input, in_use);
  set_vfs(metrics, input, in_use);
  set_lanes(metrics, input);
  set_rates(metrics, input);
  Counts<1> usable;
  for (const plugin::PortLoad& port : snapshot.ports) {
    usable[{port.port}] = bytes_per_second(port.usable);
  }
  metrics.replace(metric::kPortUsable, values(usable));
}

}  // namespace sluice
