#include "bench/cluster_sim/bound.h"

#include <gtest/gtest.h>

#include "bench/cluster_sim/simulate.h"

namespace sluice::sim {
namespace {

PodSort sort_of(std::size_t lanes, std::uint64_t gbps) {
  PodSort sort{.name = "pod", .ask = {}, .part = 1, .hours = 1};
  sort.ask.lanes.assign(lanes, {.rate = {.floor = BitRate::gbps(gbps), .ceiling = {}}});
  return sort;
}

/// Pods of sorts that are there for the whole hour.
Workload for_an_hour(const std::vector<std::size_t>& sorts) {
  Workload workload{.pods = {}, .measured_from = 0, .ends = 1};
  workload.pods.reserve(sorts.size());
  for (const std::size_t sort : sorts) {
    workload.pods.push_back({.comes = 0, .goes = 2, .sort = sort});
  }
  return workload;
}

constexpr double kGbps = 1e9;

// Two ports of 100 Gbit/s.
TEST(UpperBound, IsAllThatIsAskedWhereItFits) {
  const Fleet fleet = *make_fleet("uniform", 1, 1);
  const Bound bound = upper_bound(fleet, {sort_of(2, 25)}, for_an_hour({0, 0, 0}));

  EXPECT_DOUBLE_EQ(bound.asked.bandwidth, 150 * kGbps);
  EXPECT_DOUBLE_EQ(bound.bandwidth, 150 * kGbps);
  EXPECT_DOUBLE_EQ(bound.asked.pods, 3);
  EXPECT_DOUBLE_EQ(bound.pods, 3);
}

TEST(UpperBound, IsTheFleetWhereMoreIsAsked) {
  const Fleet fleet = *make_fleet("uniform", 1, 1);
  const Bound bound =
      upper_bound(fleet, {sort_of(1, 80), sort_of(1, 10)}, for_an_hour({0, 0, 0, 1}));

  EXPECT_DOUBLE_EQ(bound.bandwidth, 200 * kGbps);
  // The small one first, then as many large ones as fit, in pieces.
  EXPECT_DOUBLE_EQ(bound.pods, 1 + 190.0 / 80);
}

TEST(UpperBound, CountsVfsToo) {
  const Fleet fleet = *make_fleet("few-vfs", 10, 1);
  ASSERT_EQ(fleet.vfs() % 7, 0);
  const double vfs = static_cast<double>(fleet.vfs());
  const Bound bound =
      upper_bound(fleet, {sort_of(1, 1)}, for_an_hour(std::vector<std::size_t>(fleet.vfs() + 9)));

  EXPECT_DOUBLE_EQ(bound.bandwidth, vfs * kGbps);
  EXPECT_DOUBLE_EQ(bound.pods, vfs);
}

TEST(UpperBound, LanesAreOnPortsAsFastAsThey) {
  const Fleet fleet = *make_fleet("uniform", 3, 1);
  const Bound bound = upper_bound(fleet, {sort_of(1, 101), sort_of(1, 100)}, for_an_hour({0, 1}));

  EXPECT_DOUBLE_EQ(bound.bandwidth, 100 * kGbps);
  EXPECT_DOUBLE_EQ(bound.pods, 1);
}

TEST(UpperBound, PodsAreOnNodesAsLargeAsThey) {
  const Fleet fleet = *make_fleet("uniform", 3, 1);
  const Bound bound = upper_bound(fleet, {sort_of(3, 90), sort_of(2, 90)}, for_an_hour({0, 1}));

  EXPECT_DOUBLE_EQ(bound.bandwidth, 180 * kGbps);
  EXPECT_DOUBLE_EQ(bound.pods, 1);
}

TEST(UpperBound, IsNotBelowWhatAnyPolicyThatKeepsPromisesServes) {
  for (const char* const name : {"mixed", "few-vfs"}) {
    const Fleet fleet = *make_fleet(name, 60, 1);
    const Mix mix = *make_mix("mixed");
    for (const double load : {0.9, 1.5}) {
      const Workload workload = make_workload(fleet, mix, {.load = load, .pods = 1'000, .seed = 5});
      const Bound bound = upper_bound(fleet, mix, workload);
      for (const Contestant& contestant : contestants()) {
        if (contestant.fit == Fit::vf_count) continue;
        const Outcome outcome = simulate(fleet, mix, workload, contestant);
        EXPECT_LE(outcome.served.bandwidth, bound.bandwidth * 1.000001) << contestant.name;
        EXPECT_LE(outcome.served.pods, bound.pods * 1.000001) << contestant.name;
      }
    }
  }
}

}  // namespace
}  // namespace sluice::sim
