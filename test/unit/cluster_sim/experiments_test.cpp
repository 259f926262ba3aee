// The experiments of docs/simulation.md, small: their claims hold in seconds, too.
#include "bench/cluster_sim/experiments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice::sim {
namespace {

void expect_holds(const Report& report) {
  EXPECT_FALSE(report.checks.empty());
  EXPECT_FALSE(report.table.rows.empty());
  for (const std::vector<std::string>& row : report.table.rows) {
    EXPECT_EQ(row.size(), report.table.columns.size());
  }
  for (const Check& check : report.checks) EXPECT_TRUE(check.holds) << check.claim;
}

TEST(Experiment, S1ThePapersSearchGrowsWithoutBoundAndPlaceDoesNot) {
  expect_holds(solver_time({.nodes = 1, .pods = 3'000}));
}

TEST(Experiment, S2BestSuitedServesMostAndOnlyCountingOvercommits) {
  expect_holds(acceptance({.nodes = 400, .pods = 4'000}));
}

TEST(Experiment, S3WithAReservationNoPodIsStuck) {
  expect_holds(concurrency({.nodes = 20, .pods = 2'000}));
}

TEST(Experiment, S4BestSuitedStrandsLeast) {
  expect_holds(fleets({.nodes = 200, .pods = 3'000}));
}

TEST(Experiment, S6KnownNodesArePlacedOnlyWhereTheyChanged) {
  expect_holds(control_plane({.nodes = 1'000}));
}

TEST(Experiment, X5TwoLanesOf100GFitOnTwoOfThreeNodes) {
  expect_holds(two_lanes_of_100g({}));
}

TEST(Experiment, X6ExactlyThePodsThatFitGetTheLastPlaces) {
  expect_holds(race({.nodes = 10, .pods = 200}));
}

TEST(Experiment, ScoresInTenStepsServeLess) {
  expect_holds(resolution_of_scores({.nodes = 200, .pods = 3'000}));
}

TEST(Experiment, AllAreFoundByTheirNames) {
  for (const Experiment& experiment : experiments()) {
    EXPECT_EQ(find_experiment(experiment.id), &experiment);
  }
  EXPECT_EQ(find_experiment("S9"), nullptr);
}

TEST(PolicySet, RefusesUnknownNames) {
  EXPECT_THAT(run_policies({.fleet = "huge"}, {}),
              FailsWith(Code::invalid_argument, "fleet 'huge'"));
  EXPECT_THAT(run_policies({.mix = "odd"}, {}), FailsWith(Code::invalid_argument, "mix 'odd'"));
  EXPECT_THAT(run_policies({.policies = {"best"}}, {}),
              FailsWith(Code::invalid_argument, "policy 'best': want one of count-only"));
}

}  // namespace
}  // namespace sluice::sim
