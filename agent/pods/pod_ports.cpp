#include "agent/pods/pod_ports.h"

#include <algorithm>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/placement/place.h"

namespace sluice {
namespace {

Error refuse(std::string why) {
  return {Code::invalid_argument, std::move(why)};
}

// With the VFs that the pod before has not given back yet.
NodePort with_leaving(NodePort port, const FrontEndShare& share) {
  for (const Vf* const vf : share.leaving) {
    if (vf->state == VfState::vfio) {
      ++port.free_vfio_vfs;
    } else {
      port.free_vfs = port.free_vfs.value_or(0) + 1;
    }
  }
  return port;
}

Result<LanePorts> place_on(const std::vector<NodePort>& ports, const PodWish& wish,
                           std::span<const FrontEndShare> shares) {
  const Placement placement = TRY(place(ports, wish.asked.ask));
  LanePorts chosen;
  chosen.reserve(placement.size());
  for (const std::size_t port : placement) chosen.push_back(shares[port].hardware->address);
  return chosen;
}

// The lanes of a group have `ports` ports together.
bool holds(const std::vector<LaneGroup>& groups, const LanePorts& ports, bool is_one_port) {
  return std::ranges::all_of(groups, [&](const LaneGroup& group) {
    std::set<PciAddress> of_group;
    for (const std::size_t lane : group) of_group.insert(ports[lane]);
    return of_group.size() == (is_one_port ? 1 : group.size());
  });
}

Result<PciAddress> placed_port(const PodWish& wish, std::size_t lane,
                               std::span<const FrontEndShare> shares) {
  const PlacedLane& placed = (*wish.placement)[lane];
  const LaneAsk& asked = wish.asked.ask.lanes[lane];
  if (placed.rate != asked.rate) {
    return refuse(fmt::format("lane '{}' was placed with another rate", wish.asked.names[lane]));
  }
  if (placed.vfio != asked.vfio) {
    return refuse(fmt::format("lane '{}' was placed with another driver", wish.asked.names[lane]));
  }
  const auto share = std::ranges::find_if(shares, [&](const FrontEndShare& each) {
    return each.hardware->address.to_string() == placed.port;
  });
  if (share == shares.end()) {
    return refuse(fmt::format("port {} has nothing for pods now", in_quotes(placed.port)));
  }
  if (!asked.matches(node_port(*share))) {
    return refuse(fmt::format("lane '{}' does not ask for port {}", wish.asked.names[lane],
                              in_quotes(placed.port)));
  }
  return share->hardware->address;
}

}  // namespace

Result<LanePorts> placed_ports(const PodWish& wish, std::span<const FrontEndShare> shares) {
  const PodAsk& ask = wish.asked.ask;
  if (!wish.placement || wish.placement->size() != ask.lanes.size()) {
    return refuse(fmt::format("{} lanes were placed, {} are asked",
                              wish.placement ? wish.placement->size() : 0, ask.lanes.size()));
  }
  LanePorts ports;
  ports.reserve(ask.lanes.size());
  for (std::size_t lane = 0; lane < ask.lanes.size(); ++lane) {
    ports.push_back(TRY(placed_port(wish, lane, shares)));
  }
  if (holds(ask.same_port, ports, true) && holds(ask.different_ports, ports, false)) return ports;
  return refuse("the lanes were placed on ports that the annotation does not allow together");
}

Result<LanePorts> free_ports(const PodWish& wish, std::span<const FrontEndShare> shares) {
  std::vector<NodePort> ports;
  std::vector<NodePort> soon;
  ports.reserve(shares.size());
  soon.reserve(shares.size());
  for (const FrontEndShare& share : shares) {
    ports.push_back(node_port(share));
    soon.push_back(with_leaving(ports.back(), share));
  }
  Result<LanePorts> chosen = place_on(ports, wish, shares);
  if (chosen || ports == soon) return chosen;
  return place_on(soon, wish, shares);
}

bool follows_placement(const PodWish& wish, const LanePorts& ports) {
  if (!wish.placement || wish.placement->size() != ports.size()) return false;
  for (std::size_t lane = 0; lane < ports.size(); ++lane) {
    const PlacedLane& placed = (*wish.placement)[lane];
    if (placed.port != ports[lane].to_string()) return false;
    const LaneAsk& asked = wish.asked.ask.lanes[lane];
    if (placed.rate != asked.rate || placed.vfio != asked.vfio) return false;
  }
  return true;
}

}  // namespace sluice
