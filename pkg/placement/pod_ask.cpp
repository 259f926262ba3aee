#include "pkg/placement/pod_ask.h"

#include <fnmatch.h>

#include <algorithm>
#include <numeric>

namespace sluice {
namespace {

// So that no sum of 64 of them is too large for a word; 70 Pbit/s.
constexpr BitRate kTooMuch = BitRate::bits_per_second(std::uint64_t{1} << 56U);

Error invalid(std::string message) {
  return Error(Code::invalid_argument, std::move(message));
}

Result<> check_groups(const std::vector<LaneGroup>& groups, std::size_t lanes) {
  if (groups.size() > kMostLanes) {
    return invalid(fmt::format("{} groups asked, {} are the most", groups.size(), kMostLanes));
  }
  for (const LaneGroup& group : groups) {
    if (group.empty() || group.size() > lanes) {
      return invalid(fmt::format("a group of {} lanes, {} lanes are asked", group.size(), lanes));
    }
    for (const std::size_t lane : group) {
      if (lane >= lanes) {
        return invalid(fmt::format("a group names lane {}, {} lanes are asked", lane, lanes));
      }
    }
  }
  return {};
}

/// The first lane that each lane shares a port with.
std::vector<std::size_t> leaders(const PodAsk& ask) {
  std::vector<std::size_t> leader(ask.lanes.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  for (const LaneGroup& group : ask.same_port) {
    for (const std::size_t lane : group) {
      const std::size_t kept = std::min(leader[group.front()], leader[lane]);
      const std::size_t dropped = std::max(leader[group.front()], leader[lane]);
      std::replace(leader.begin(), leader.end(), dropped, kept);
    }
  }
  return leader;
}

}  // namespace

bool LaneAsk::matches(const NodePort& port) const {
  if (numa_node && numa_node != port.numa_node) return false;
  if (medium && *medium != port.medium) return false;
  if (!network.empty() && std::ranges::find(port.networks, network) == port.networks.end()) {
    return false;
  }
  return link.empty() || ::fnmatch(link.c_str(), port.link.c_str(), 0) == 0;
}

Result<> check(const PodAsk& ask) {
  if (ask.lanes.size() > kMostLanes) {
    return invalid(fmt::format("{} lanes asked, {} are the most", ask.lanes.size(), kMostLanes));
  }
  for (std::size_t lane = 0; lane < ask.lanes.size(); ++lane) {
    const Rate& rate = ask.lanes[lane].rate;
    const BitRate larger = std::max(rate.floor, rate.ceiling);
    if (larger >= kTooMuch) {
      return invalid(
          fmt::format("lane {}: {} asked, more than any port has", lane, to_string(larger)));
    }
  }
  TRY(check_groups(ask.same_port, ask.lanes.size()));
  return check_groups(ask.different_ports, ask.lanes.size());
}

Result<std::vector<LaneGroup>> bundles_of(const PodAsk& ask) {
  const std::vector<std::size_t> leader = leaders(ask);
  for (const LaneGroup& group : ask.different_ports) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (leader[group[i]] != leader[group[j]]) continue;
        return invalid(fmt::format("lanes {} and {} are asked on one port and on different ones",
                                   group[j], group[i]));
      }
    }
  }
  std::vector<LaneGroup> by_leader(ask.lanes.size());
  for (std::size_t lane = 0; lane < leader.size(); ++lane) by_leader[leader[lane]].push_back(lane);
  std::erase_if(by_leader, [](const LaneGroup& bundle) { return bundle.empty(); });
  return by_leader;
}

}  // namespace sluice
