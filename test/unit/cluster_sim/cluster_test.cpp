#include "bench/cluster_sim/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sluice::sim {
namespace {

PodAsk lanes_of(const std::vector<std::uint64_t>& gbps) {
  PodAsk ask;
  ask.lanes.reserve(gbps.size());
  for (const std::uint64_t floor : gbps) {
    ask.lanes.push_back({.rate = {.floor = BitRate::gbps(floor), .ceiling = {}}});
  }
  return ask;
}

TEST(Cluster, WhatIsGivenIsTakenBackWhole) {
  const Fleet fleet = *make_fleet("uniform", 2, 1);
  Cluster cluster(fleet);
  const StateId empty = cluster.state(0);

  const HeldLanes first = cluster.give(0, lanes_of({10, 20}), {0, 1});
  const HeldLanes second = cluster.give(0, lanes_of({30}), {0});
  EXPECT_EQ(cluster.promised(), BitRate::gbps(60).as_bits_per_second());
  EXPECT_NE(cluster.state(0), empty);
  EXPECT_EQ(cluster.state(1), empty);

  cluster.take(first);
  cluster.take(second);
  EXPECT_EQ(cluster.promised(), 0);
  EXPECT_EQ(cluster.state(0), empty);
  EXPECT_EQ(cluster.ports(0), fleet.shapes[0].ports);
}

TEST(Cluster, NodesThatDifferOnlyInWhichPortHoldsWhatAreInOneState) {
  const Fleet fleet = *make_fleet("uniform", 2, 1);
  Cluster cluster(fleet);
  cluster.give(0, lanes_of({10, 20}), {0, 1});
  cluster.give(1, lanes_of({10, 20}), {1, 0});
  EXPECT_EQ(cluster.state(0), cluster.state(1));

  Cluster listed(fleet, PortOrder::listed);
  listed.give(0, lanes_of({10, 20}), {0, 1});
  listed.give(1, lanes_of({10, 20}), {1, 0});
  EXPECT_NE(listed.state(0), listed.state(1));
}

TEST(Cluster, PlacementsAreOfThePortsAsTheyAreShown) {
  const Fleet fleet = *make_fleet("uniform", 1, 1);
  Cluster cluster(fleet);
  cluster.give(0, lanes_of({50}), {0});
  // The fuller one is shown last.
  EXPECT_EQ(cluster.ports(0)[1].promised, BitRate::gbps(50));
  EXPECT_EQ(cluster.ports(0)[1].free_vfs, 31);

  cluster.give(0, lanes_of({20}), {1});
  EXPECT_EQ(cluster.ports(0)[0].promised, BitRate());
  EXPECT_EQ(cluster.ports(0)[1].promised, BitRate::gbps(70));
}

TEST(Cluster, CountsWhatIsPromisedAboveWhatPortsCarry) {
  const Fleet fleet = *make_fleet("uniform", 1, 1);
  Cluster cluster(fleet);
  cluster.give(0, lanes_of({90}), {0});
  EXPECT_EQ(cluster.overcommitted(), 0);

  const HeldLanes held = cluster.give(0, lanes_of({30, 100}), {1, 0});
  EXPECT_EQ(cluster.overcommitted(), BitRate::gbps(20).as_bits_per_second());
  cluster.take(held);
  EXPECT_EQ(cluster.overcommitted(), 0);
}

TEST(Fleet, HasItsShapesInTheirParts) {
  const Fleet fleet = *make_fleet("mixed", 100, 1);
  ASSERT_EQ(fleet.nodes.size(), 100);
  for (std::size_t shape = 0; shape < fleet.shapes.size(); ++shape) {
    EXPECT_EQ(std::count(fleet.nodes.begin(), fleet.nodes.end(), shape),
              std::llround(fleet.shapes[shape].part * 100))
        << fleet.shapes[shape].name;
  }
  EXPECT_EQ(make_fleet("mixed", 100, 1)->nodes, fleet.nodes);
  EXPECT_NE(make_fleet("mixed", 100, 2)->nodes, fleet.nodes);
}

}  // namespace
}  // namespace sluice::sim
