// Random small nodes and pods from a fixed seed, against a search that tries everything.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "test/support/result_matchers.h"
#include "test/unit/placement/brute_force.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

constexpr int kCases = 100'000;

class CaseMaker {
 public:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  bool one_in(std::uint64_t n) { return below(n) == 0; }

  Case make() {
    Case made;
    alike_ = one_in(2);
    has_vfio_ = one_in(3);
    unit_ = BitRate::mbps(one_in(3) ? 1'000 : 1 + below(700));
    for (std::uint64_t left = below(5); left > 0; --left) add_port(made);
    for (std::uint64_t left = 1 + below(6); left > 0; --left) made.ask.lanes.push_back(lane());
    if (one_in(4)) made.ask.same_port.push_back(group(made));
    if (one_in(4)) made.ask.different_ports.push_back(group(made));
    if (one_in(8)) made.ask.same_port.push_back(group(made));
    if (one_in(8)) made.ask.different_ports.push_back(group(made));
    return made;
  }

 private:
  BitRate units(std::uint64_t count) {
    return BitRate::bits_per_second(unit_.as_bits_per_second() * count);
  }

  void add_port(Case& made) {
    NodePort port = port_with(made.ports.size(), {}, static_cast<int>(below(5)));
    port.line_rate = port.usable = units(30);
    port.promised = units(10 + below(20));
    if (has_vfio_) port.free_vfio_vfs = static_cast<int>(below(4));
    if (!alike_) vary(port);
    made.ports.push_back(std::move(port));
  }

  void vary(NodePort& port) {
    static constexpr const char* kDrivers[] = {"mlx5_core", "ice", "i40e", "be2net", "virtio-pci"};
    port.driver = one_in(8) ? std::string(htb_capability().driver) : kDrivers[below(5)];
    port.numa_node = static_cast<int>(below(2));
    if (one_in(6)) port.numa_node = {};
    if (one_in(6)) port.usable = units(below(31));
    if (one_in(8)) port.line_rate = one_in(2) ? BitRate() : units(below(40));
    if (one_in(8)) port.medium = Medium::infiniband;
    if (one_in(8)) port.free_vfs = {};
    if (!one_in(4)) port.networks.push_back("front");
    if (one_in(2)) port.networks.push_back("storage");
  }

  LaneAsk lane() {
    LaneAsk asked{.rate = {.floor = units(below(12)), .ceiling = {}}};
    if (one_in(5)) asked.rate.floor = {};
    asked.vfio = has_vfio_ && one_in(2);
    if (alike_) return asked;
    if (one_in(6)) asked.rate.ceiling = units(6 + below(30));
    if (one_in(8)) asked.numa_node = static_cast<int>(below(2));
    if (one_in(8)) asked.link = one_in(2) ? "ens[01]" : "ens2";
    if (one_in(16)) asked.medium = one_in(3) ? Medium::infiniband : Medium::ethernet;
    if (one_in(8)) asked.network = one_in(2) ? "front" : "storage";
    return asked;
  }

  LaneGroup group(const Case& made) {
    LaneGroup lanes;
    for (std::size_t lane = 0; lane < made.ask.lanes.size(); ++lane) {
      if (one_in(2)) lanes.push_back(lane);
    }
    if (lanes.empty()) lanes.push_back(0);
    return lanes;
  }

  std::mt19937_64 random_{20260301};
  bool alike_ = false;
  bool has_vfio_ = false;
  BitRate unit_;
};

/// Whether every rule of place() but that of groups holds of the first lanes of a placement.
bool holds(const Case& of, const Placement& placement) {
  for (std::size_t port = 0; port < of.ports.size(); ++port) {
    std::vector<LaneAsk> here;
    for (std::size_t lane = 0; lane < placement.size(); ++lane) {
      if (placement[lane] == port) here.push_back(of.ask.lanes[lane]);
    }
    if (!has_room(of.ports[port], here)) return false;
  }
  return true;
}

bool groups_hold(const PodAsk& ask, const Placement& placement) {
  const auto ports_of = [&](const LaneGroup& group) {
    std::set<std::size_t> ports;
    for (const std::size_t lane : group) ports.insert(placement[lane]);
    return ports.size();
  };
  for (const LaneGroup& group : ask.same_port) {
    if (ports_of(group) > 1) return false;
  }
  for (const LaneGroup& group : ask.different_ports) {
    if (ports_of(group) < group.size()) return false;
  }
  return true;
}

bool fits_somehow(const Case& of, Placement& placement) {
  if (!holds(of, placement)) return false;
  if (placement.size() == of.ask.lanes.size()) return groups_hold(of.ask, placement);
  for (std::size_t port = 0; port < of.ports.size(); ++port) {
    placement.push_back(port);
    const bool fits = fits_somehow(of, placement);
    placement.pop_back();
    if (fits) return true;
  }
  return false;
}

bool fits_somehow(const Case& of) {
  Placement placement;
  return fits_somehow(of, placement);
}

TEST(PlaceProperty, PlacesWhatFitsSomehowAndNothingElse) {
  CaseMaker maker;
  int placed = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case made = maker.make();
    const Result<Placement> placement = place(made.ports, made.ask);
    if (!placement) {
      ASSERT_NE(placement.error().code(), Code::timed_out) << "case " << i;
      ASSERT_FALSE(fits_somehow(made)) << "case " << i << ": " << placement.error().message();
      continue;
    }
    ++placed;
    ASSERT_EQ(placement->size(), made.ask.lanes.size()) << "case " << i;
    ASSERT_TRUE(holds(made, *placement) && groups_hold(made.ask, *placement)) << "case " << i;
  }
  // Else the cases would prove little.
  EXPECT_GT(placed, kCases / 4);
  EXPECT_LT(placed, kCases * 3 / 4);
}

TEST(PlaceProperty, WhatItSaysCanNeverBeIsNotPlacedOnFreePortsEither) {
  CaseMaker maker;
  int never = 0;
  for (int i = 0; i < kCases / 10; ++i) {
    Case made = maker.make();
    const Result<Placement> placement = place(made.ports, made.ask);
    if (placement) continue;
    const Code code = placement.error().code();
    if (code != Code::unsupported && code != Code::invalid_argument) continue;
    ++never;
    for (NodePort& port : made.ports) {
      port.promised = {};
      port.free_vfs = {};
      port.free_vfio_vfs = static_cast<int>(kMostLanes);
    }
    ASSERT_FALSE(fits_somehow(made)) << "case " << i << ": " << placement.error().message();
  }
  EXPECT_GT(never, 100);
}

TEST(PlaceProperty, TheOrderOfPortsDoesNotMatter) {
  CaseMaker maker;
  for (int i = 0; i < kCases / 10; ++i) {
    const Case made = maker.make();
    const Result<Placement> placement = place(made.ports, made.ask);
    const std::vector<NodePort> turned(made.ports.rbegin(), made.ports.rend());
    Result<Placement> again = place(turned, made.ask);
    ASSERT_EQ(placement.has_value(), again.has_value()) << "case " << i;
    if (!placement) {
      ASSERT_EQ(placement.error().message(), again.error().message()) << "case " << i;
      continue;
    }
    for (std::size_t& port : *again) port = turned.size() - 1 - port;
    ASSERT_EQ(*placement, *again) << "case " << i;
  }
}

TEST(PlaceProperty, OneNodeWhereThatIsPossible) {
  CaseMaker maker;
  int on_one = 0;
  for (int i = 0; i < kCases / 10; ++i) {
    const Case made = maker.make();
    const Result<Placement> placement = place(made.ports, made.ask);
    if (!placement) continue;
    std::set<std::optional<int>> used;
    for (const std::size_t port : *placement) used.insert(made.ports[port].numa_node);
    if (used.size() == 1) continue;
    for (const auto& node : std::set<std::optional<int>>{std::nullopt, 0, 1}) {
      Case part = made;
      std::erase_if(part.ports, [&](const NodePort& port) { return port.numa_node != node; });
      ASSERT_FALSE(fits_somehow(part)) << "case " << i;
    }
    ++on_one;
  }
  EXPECT_GT(on_one, 10);
}

}  // namespace
}  // namespace sluice
