// Ports that are filled to the last gigabit, against a search that tries everything.
#include <gtest/gtest.h>

#include <random>

#include "test/support/result_matchers.h"
#include "test/unit/placement/brute_force.h"

namespace sluice {
namespace {

/// Sets of lanes, as bits, and whether the ports so far can take them.
using Sets = std::vector<bool>;

bool has_room(const NodePort& port, const PodAsk& ask, std::size_t set) {
  std::vector<LaneAsk> lanes;
  for (std::size_t lane = 0; lane < ask.lanes.size(); ++lane) {
    if ((set >> lane & 1U) != 0) lanes.push_back(ask.lanes[lane]);
  }
  return has_room(port, lanes);
}

/// Adds `here` to every set that has none of its lanes.
void add(std::size_t here, const Sets& before, Sets& sets) {
  const std::size_t others = sets.size() - 1 - here;
  for (std::size_t set = others;; set = (set - 1) & others) {
    if (before[set]) sets[set | here] = true;
    if (set == 0) return;
  }
}

/// By looking at every set of lanes for every port.
bool fits(const PodAsk& ask, const std::vector<NodePort>& ports) {
  Sets sets(std::size_t{1} << ask.lanes.size());
  sets[0] = true;
  for (const NodePort& port : ports) {
    const Sets before = sets;
    for (std::size_t here = 1; here < sets.size(); ++here) {
      if (has_room(port, ask, here)) add(here, before, sets);
    }
  }
  return sets.back();
}

/// Four ports with about 20 Gbit/s free, and lanes that ask for all of it; one in three of a VF
/// bound to vfio-pci.
Case brimful(std::mt19937_64& random, bool with_vfio) {
  Case made;
  std::uint64_t left = 0;
  for (std::uint64_t number = 0; number < 4; ++number) {
    const std::uint64_t free = 20 + random() % 2;
    const int vfs = static_cast<int>(2 + random() % 3);
    made.ports.push_back(port_with(number, BitRate::gbps(free), vfs));
    made.ports.back().free_vfio_vfs = with_vfio ? static_cast<int>(random() % 3) : 0;
    left += free;
  }
  std::vector<std::uint64_t> floors;
  while (floors.size() < 10 && left > 0) {
    floors.push_back(std::min(left, 3 + random() % 11));
    left -= floors.back();
  }
  made.ask = lanes_of(floors);
  for (LaneAsk& lane : made.ask.lanes) lane.vfio = with_vfio && random() % 3 == 0;
  return made;
}

class PlaceBrim : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Sorts, PlaceBrim, testing::Bool());

TEST_P(PlaceBrim, FillsPortsThatAreNearlyAlike) {
  std::mt19937_64 random(20260305);
  int placed = 0;
  int refused_by_search = 0;
  for (int i = 0; i < 1'500; ++i) {
    const Case made = brimful(random, GetParam());
    const Result<Placement> placement = place(made.ports, made.ask);
    ASSERT_EQ(placement.has_value(), fits(made.ask, made.ports)) << "case " << i;
    const std::string message = placement ? "" : placement.error().message();
    placed += placement ? 1 : 0;
    refused_by_search += message.find("cannot be divided") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(placed, 150);
  EXPECT_GT(refused_by_search, 150);
}

}  // namespace
}  // namespace sluice
