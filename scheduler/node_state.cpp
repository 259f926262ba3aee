#include "scheduler/node_state.h"

#include <algorithm>

#include "pkg/bandwidth/admission.h"
#include "scheduler/offer_room.h"

namespace sluice {
namespace {

/// `lane`: a PlacedLane or a HeldLane.
template <typename Lane>
void promise(std::vector<NodePort>& ports, const Lane& lane) {
  const auto port = std::find_if(ports.begin(), ports.end(),
                                 [&lane](const NodePort& each) { return each.name == lane.port; });
  if (port == ports.end()) return;
  // Of what is full already it does not matter by how much, and no sum is too large for a word.
  if (port->promised <= port->usable) {
    port->promised += effective_promise(capability_of(*port), lane.rate.floor);
  }
  if (lane.vfio) {
    --port->free_vfio_vfs;
  } else if (port->free_vfs) {
    --*port->free_vfs;
  }
}

bool holds(const PublishedNode& node, std::string_view uid) {
  return std::any_of(node.held.begin(), node.held.end(),
                     [uid](const HeldPod& held) { return held.uid == uid; });
}

}  // namespace

int count_of(const ClassLanes& lanes, const std::string& class_name) {
  const auto found = lanes.find(class_name);
  return found == lanes.end() ? 0 : found->second;
}

ClassLanes held_by(std::span<const PodHolding* const> pods) {
  ClassLanes held;
  for (const PodHolding* const pod : pods) {
    for (const auto& [name, count] : pod->classes) held[name] += count;
  }
  return held;
}

BitRate bandwidth_of(const ClassLanes& lanes, const std::map<std::string, BitRate>& floors) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : lanes) {
    const auto floor = floors.find(name);
    if (floor == floors.end()) continue;
    sum += static_cast<std::uint64_t>(count) * floor->second.as_bits_per_second();
  }
  return BitRate::bits_per_second(sum);
}

PublishedNode published_node(const NodeLanes& lanes) {
  PublishedNode node{.ports = ports_for_pods(lanes), .held = lanes.held};
  for (const PublishedPort& port : lanes.ports) {
    node.classes += port.classes.bandwidth;
    node.claims += port.claims.bandwidth;
    if (port.classes.vfs > 0) ++node.class_ports;
    if (port.trouble.empty() || port.pods.vfs == 0) continue;
    node.troubles += (node.troubles.empty() ? "" : "; ") + port.trouble;
  }
  for (const PublishedClass& each : lanes.classes) {
    node.floors[each.name] = each.rate.floor;
    node.offered[each.name] = each.offered;
  }
  for (const ClassWish& wish : lanes.wishes) node.wishes[wish.class_name] = wish.lanes;
  return node;
}

NodeState state_with(const PublishedNode& node, std::span<const PodHolding* const> pods) {
  NodeState state{.ports = node.ports,
                  .troubles = node.troubles,
                  .classes = node.classes,
                  .claims = node.claims,
                  .floors = node.floors};
  if (state.ports.empty()) {
    state.can_wait = !state.troubles.empty();
    state.refusal = state.can_wait ? state.troubles : "no port of the node has VFs for pods";
  }
  for (const HeldPod& held : node.held) {
    for (const HeldLane& lane : held.lanes) promise(state.ports, lane);
  }
  for (const PodHolding* const pod : pods) {
    state.classes_held += bandwidth_of(pod->classes, node.floors);
    if (!pod->lanes.empty() && holds(node, pod->uid)) continue;
    for (const PlacedLane& lane : pod->lanes) promise(state.ports, lane);
  }
  if (!node.wishes.empty()) state.room = offer_room(node, held_by(pods));
  return state;
}

}  // namespace sluice
