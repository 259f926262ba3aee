#pragma once

#include <string>
#include <vector>

#include "test/unit/placement/placement_world.h"

namespace sluice {

// What holds of a placement, said again in the plainest way: tests try everything with it.

struct Case {
  std::vector<NodePort> ports;
  PodAsk ask;
};

inline bool has_network(const NodePort& port, const std::string& name) {
  return name.empty() || std::ranges::count(port.networks, name) == 1;
}

inline bool takes(const NodePort& port, const LaneAsk& asked) {
  return asked.matches(port) && has_network(port, asked.network) &&
         validate(capability_of(port), port.line_rate, asked.rate);
}

/// For all of the lanes together.
inline bool has_room(const NodePort& port, const std::vector<LaneAsk>& lanes) {
  BitRate promise;
  int vfio = 0;
  for (const LaneAsk& lane : lanes) {
    if (!takes(port, lane)) return false;
    vfio += lane.vfio ? 1 : 0;
    promise += effective_promise(capability_of(port), lane.rate.floor);
  }
  if (lanes.empty()) return true;
  if (vfio > port.free_vfio_vfs) return false;
  if (port.free_vfs && *port.free_vfs < static_cast<int>(lanes.size()) - vfio) return false;
  return check_carries(budget_of(port)) && admit(budget_of(port), promise);
}

}  // namespace sluice
