#include "bench/cluster_sim/chooser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace sluice::sim {
namespace {

constexpr double kNoRoom = -std::numeric_limits<double>::infinity();

/// The score of every node, each asked by itself.
std::vector<double> ask_all(const Contestant& contestant, Cluster& cluster, const PodAsk& ask) {
  std::vector<double> scores;
  scores.reserve(cluster.size());
  for (std::size_t node = 0; node < cluster.size(); ++node) {
    const std::vector<NodePort>& ports = cluster.ports(node);
    const std::optional<Placement> placement = contestant.place_on(ports, ask);
    scores.push_back(placement ? contestant.score(ports, ask, *placement) : kNoRoom);
  }
  return scores;
}

/// Whatever comes and goes, the choice is one of the best of all nodes as they are.
void expect_exact(const Contestant& contestant) {
  const Fleet fleet = *make_fleet("mixed", 40, 1);
  const Mix mix = *make_mix("mixed");
  const Workload workload = make_workload(fleet, mix, {.load = 1, .pods = 300, .seed = 3});
  Cluster cluster(fleet, contestant.order());
  Chooser chooser(contestant, mix, cluster, 1);
  std::vector<HeldLanes> held;
  for (std::size_t i = 0; i < workload.pods.size(); ++i) {
    const std::size_t sort = workload.pods[i].sort;
    const PodAsk& ask = mix[sort].ask;
    const std::vector<double> scores = ask_all(contestant, cluster, ask);
    const double best = *std::max_element(scores.begin(), scores.end());
    const std::optional<std::size_t> node = chooser.choose(sort);
    ASSERT_EQ(node.has_value(), best != kNoRoom) << contestant.name << ", pod " << i;
    if (!node) continue;
    ASSERT_EQ(scores[*node], best) << contestant.name << ", pod " << i;
    held.push_back(cluster.give(*node, ask, *contestant.place_on(cluster.ports(*node), ask)));
    chooser.changed(*node);
    if (i % 3 != 0) continue;
    std::swap(held[i % held.size()], held.back());
    cluster.take(held.back());
    chooser.changed(held.back().node);
    held.pop_back();
  }
  EXPECT_FALSE(held.empty());
}

TEST(Chooser, ChoosesAsIfEveryNodeWasPlacedForEveryPod) {
  for (const Contestant& contestant : contestants()) expect_exact(contestant);
}

TEST(Chooser, PlacesAStateOnceHoweverManyNodesAreInIt) {
  const Fleet fleet = *make_fleet("uniform", 1'000, 1);
  const Mix mix = *make_mix("mixed");
  Cluster cluster(fleet);
  const Contestant best_suited = *contestant_of("best-suited");
  Chooser chooser(best_suited, mix, cluster, 1);

  ASSERT_TRUE(chooser.choose(1));
  EXPECT_EQ(chooser.placements(), 1);
}

TEST(Chooser, OfEqualsTakesAny) {
  const Fleet fleet = *make_fleet("uniform", 4, 1);
  const Mix mix = *make_mix("mixed");
  Cluster cluster(fleet);
  const Contestant papers = *contestant_of("papers");
  Chooser chooser(papers, mix, cluster, 1);

  std::vector<int> times(4);
  for (int i = 0; i < 400; ++i) ++times[*chooser.choose(1)];
  for (const int count : times) EXPECT_GT(count, 50);
}

TEST(Chooser, ASampleGoesOnWhereTheLastOneEnded) {
  const Fleet fleet = *make_fleet("uniform", 10, 1);
  const Mix mix = *make_mix("mixed");
  Cluster cluster(fleet);
  const Contestant spread = *contestant_of("spread");
  Chooser chooser(spread, mix, cluster, 1);

  std::vector<std::size_t> chosen;
  chosen.reserve(5);
  for (int i = 0; i < 5; ++i) chosen.push_back(*chooser.choose(1, {.sample = 2}) / 2);
  EXPECT_EQ(chosen, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(Chooser, InStepsRoundedDownOnlyTheBestGetTheHighest) {
  const Fleet fleet = *make_fleet("uniform", 3, 1);
  const Mix mix = *make_mix("mixed");
  Cluster cluster(fleet);
  const PodAsk& web = mix[1].ask;  // One lane of 1 Gbit/s.
  for (int i = 0; i < 50; ++i) cluster.give(1, web, {0});
  for (int i = 0; i < 49; ++i) cluster.give(2, web, {0});
  const Contestant pack = *contestant_of("pack");
  Chooser chooser(pack, mix, cluster, 1);

  bool takes_second_best = false;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(chooser.choose(1, {.steps = 10, .rounding = Rounding::down}), 1);
    takes_second_best |= chooser.choose(1, {.steps = 10}) == 2;
  }
  EXPECT_TRUE(takes_second_best) << "to the nearest, both get the highest";
}

TEST(Chooser, ChoosesNothingWhereNothingFits) {
  const Fleet fleet = *make_fleet("uniform", 3, 1);
  const Mix mix = *make_mix("mixed");
  Cluster cluster(fleet);
  const Contestant pack = *contestant_of("pack");
  Chooser chooser(pack, mix, cluster, 1);

  const std::size_t largest = mix.size() - 1;  // Eight lanes of 200 Gbit/s.
  EXPECT_EQ(chooser.choose(largest), std::nullopt);
  EXPECT_EQ(chooser.choose(largest, {.steps = 10}), std::nullopt);
  EXPECT_FALSE(chooser.fits(largest, 0));
  EXPECT_TRUE(chooser.fits(0, 0));
}

}  // namespace
}  // namespace sluice::sim
