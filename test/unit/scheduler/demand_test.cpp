#include "scheduler/demand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Nodes = std::vector<ClassNode>;
using Pods = std::vector<ClassLanes>;

TEST(Demand, IsWishedOfTheNodeThatChangesTheFewestOffers) {
  const Nodes nodes = {
      {.name = "a", .offered = {{"gold", 2}, {"copper", 6}}, .held = {{"gold", 2}}},
      {.name = "b", .offered = {{"gold", 2}, {"copper", 6}}, .held = {{"gold", 1}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 2}}}, nodes),
              ElementsAre(Pair("b", ElementsAre(Pair("gold", 3)))))
      << "one that a pod has and two for the one that waits";
}

TEST(Demand, OfAllPodsOfANodeAddsUp) {
  const Nodes nodes = {
      {.name = "a", .offered = {{"gold", 1}, {"copper", 6}}, .held = {{"gold", 1}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}, {{"gold", 2}}}, nodes),
              ElementsAre(Pair("a", ElementsAre(Pair("gold", 4)))));
}

TEST(Demand, GoesOnToTheNextNodeWhereOneHasNoMoreToGive) {
  const Nodes nodes = {{.name = "a", .offered = {{"gold", 0}, {"copper", 1}}},
                       {.name = "b", .offered = {{"gold", 0}, {"copper", 1}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}, {{"gold", 1}}, {{"gold", 1}}}, nodes),
              ElementsAre(Pair("a", ElementsAre(Pair("gold", 1))),
                          Pair("b", ElementsAre(Pair("gold", 1)))));
}

TEST(Demand, OfOnePodIsNeverSplitBetweenNodes) {
  const Nodes nodes = {{.name = "a", .offered = {{"gold", 0}, {"copper", 1}}},
                       {.name = "b", .offered = {{"gold", 0}, {"copper", 1}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 2}}}, nodes), IsEmpty());
}

TEST(Demand, TakesNothingThatPodsHold) {
  const Nodes nodes = {
      {.name = "a", .offered = {{"gold", 0}, {"copper", 4}}, .held = {{"copper", 4}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}}, nodes), IsEmpty());
}

TEST(Demand, StaysWhereTheOffersHaveChangedForIt) {
  const Nodes nodes = {{.name = "a", .offered = {{"gold", 0}, {"copper", 8}}},
                       {.name = "b", .offered = {{"gold", 1}, {"copper", 3}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}}, nodes),
              ElementsAre(Pair("b", ElementsAre(Pair("gold", 1)))));
}

TEST(Demand, StaysWhereItIsWishedWhileTheOffersChange) {
  Nodes nodes = {{.name = "a", .offered = {{"gold", 0}, {"copper", 8}}},
                 {.name = "b", .offered = {{"gold", 0}, {"copper", 4}}}};
  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}}, nodes), ElementsAre(Pair("a", testing::_)));

  nodes[1].wishes = {{"gold", 1}};
  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}}, nodes), ElementsAre(Pair("b", testing::_)));
}

TEST(Demand, IsOfNodesThatHaveTheClass) {
  const Nodes nodes = {{.name = "a", .offered = {{"copper", 8}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}}}, nodes), IsEmpty());
}

TEST(Demand, OfTwoClassesTakesFromNeither) {
  const Nodes nodes = {{.name = "a", .offered = {{"gold", 0}, {"silver", 3}, {"copper", 1}}}};

  EXPECT_THAT(wishes_for(Pods{{{"gold", 2}, {"silver", 1}}}, nodes), IsEmpty());
  EXPECT_THAT(wishes_for(Pods{{{"gold", 1}, {"silver", 1}}}, nodes),
              ElementsAre(Pair("a", ElementsAre(Pair("gold", 1), Pair("silver", 1)))));
}

TEST(Demand, IsNothingWhereNoPodWaits) {
  const Nodes nodes = {
      {.name = "a", .offered = {{"gold", 0}, {"copper", 1}}, .wishes = {{"gold", 1}}}};

  EXPECT_THAT(wishes_for(Pods{}, nodes), IsEmpty());
}

}  // namespace
}  // namespace sluice
