#include "pkg/placement/score.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/base/spelling.h"
#include "pkg/base/strings.h"

namespace sluice {
namespace {

/// Lanes that pods are likely to ask: of the rates that ports have (IEEE 802.3) and of their usual
/// parts. What a node can no longer take of these, alone or by two, four and eight, is stranded.
/// docs/simulation.md shows what comes of other choices.
constexpr std::array kCommonFloors = {BitRate::gbps(1),  BitRate::gbps(5),  BitRate::gbps(10),
                                      BitRate::gbps(25), BitRate::gbps(50), BitRate::gbps(100),
                                      BitRate::gbps(200)};

/// Weighs less than any bandwidth that counts: between nodes alike in that, VFs decide.
constexpr double kPerVf = 1e-9;

// More than any port has, and no sum of them is too large for a word.
constexpr std::uint64_t kAnyNumber = std::uint64_t{1} << 32U;

/// What is free on a port.
struct Room {
  std::uint64_t bandwidth = 0;  // bit/s
  std::uint64_t vfs = 0;        // kAnyNumber where lanes need none.
};

Room room_of(const NodePort& port) {
  const std::uint64_t vfs =
      port.free_vfs ? static_cast<std::uint64_t>(std::max(0, *port.free_vfs)) : kAnyNumber;
  return {.bandwidth = (port.usable - port.promised).as_bits_per_second(), .vfs = vfs};
}

/// The port's room after the placement.
Room left_of(const NodePort& port, std::size_t number, const PodAsk& ask,
             const Placement& placement) {
  Room room = room_of(port);
  const DriverCapability& capability = capability_of(port);
  for (std::size_t lane = 0; lane < placement.size(); ++lane) {
    if (placement[lane] != number) continue;
    const BitRate promise = effective_promise(capability, ask.lanes[lane].rate.floor);
    room.bandwidth -= std::min(room.bandwidth, promise.as_bits_per_second());
    if (port.free_vfs && room.vfs > 0 && !ask.lanes[lane].vfio) --room.vfs;
  }
  return room;
}

/// What a node, or a part of one, has room for.
struct NodeRoom {
  double bandwidth = 0;  // bit/s
  double vfs = 0;
  std::array<std::uint64_t, kCommonFloors.size()> lanes = {};  // Of each common floor alone.

  void add(const NodePort& port, Room room) {
    bandwidth += static_cast<double>(room.bandwidth);
    if (port.free_vfs) vfs += static_cast<double>(room.vfs);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const std::uint64_t floor = kCommonFloors[i].as_bits_per_second();
      if (floor > room.bandwidth) break;
      lanes[i] += std::min(room.vfs, room.bandwidth / floor);
    }
  }

  /// Gbit/s of a lane, summed over the common pods that fit, were each sort alone.
  double usefulness() const {
    double sum = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      // Pods of one lane, and of two, four and eight.
      const std::uint64_t pods = lanes[i] + lanes[i] / 2 + lanes[i] / 4 + lanes[i] / 8;
      sum += static_cast<double>(pods * kCommonFloors[i].as_mbps_floor()) / 1'000;
    }
    return sum;
  }
};

double part(double left, double of) {
  return of > 0 ? left / of : 0;
}

bool holds_a_lane(const Placement& placement, std::size_t port) {
  return std::find(placement.begin(), placement.end(), port) != placement.end();
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  std::vector<std::string_view> known;
  known.reserve(kPolicies.size());
  for (const Policy policy : kPolicies) {
    if (text == to_string(policy)) return policy;
    known.push_back(to_string(policy));
  }
  const std::string meant = nearest(text, known);
  return Error(Code::invalid_argument,
               fmt::format("policy {}: want pack, spread or best-suited{}", in_quotes(text),
                           meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
}

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::pack: return "pack";
    case Policy::spread: return "spread";
    case Policy::best_suited: break;
  }
  return "best-suited";
}

double suitability(Policy policy, std::span<const NodePort> ports, const PodAsk& ask,
                   const Placement& placement) {
  NodeRoom before;
  NodeRoom after;
  double usable = 0;
  for (std::size_t number = 0; number < ports.size(); ++number) {
    const NodePort& port = ports[number];
    const Room room = room_of(port);
    const bool is_changed = holds_a_lane(placement, number);
    before.add(port, room);
    after.add(port, is_changed ? left_of(port, number, ask, placement) : room);
    usable += static_cast<double>(port.usable.as_bits_per_second());
  }
  const double left = part(after.bandwidth, usable) + kPerVf * after.vfs;
  switch (policy) {
    case Policy::pack: return -left;
    case Policy::spread: return left;
    case Policy::best_suited: break;
  }
  // Of nodes where as much is lost the fullest.
  return after.usefulness() - before.usefulness() - left;
}

double suitability(Policy policy, BitRate left, BitRate usable) {
  const auto free = static_cast<double>(left.as_bits_per_second());
  const double share = part(free, static_cast<double>(usable.as_bits_per_second()));
  return policy == Policy::spread ? share : -share;
}

}  // namespace sluice
