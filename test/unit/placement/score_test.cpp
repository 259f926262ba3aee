#include "pkg/placement/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

double score(Policy policy, const std::vector<NodePort>& ports, const PodAsk& ask) {
  const Result<Placement> placement = place(ports, ask);
  EXPECT_THAT(placement, IsOk());
  return suitability(policy, ports, ask, placement ? *placement : Placement());
}

TEST(Policy, IsReadByItsName) {
  for (const Policy policy : kPolicies) {
    const Result<Policy> parsed = parse_policy(to_string(policy));
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, policy);
  }
}

TEST(Policy, OfAnotherNameIsRefusedWithTheNearestOne) {
  EXPECT_THAT(parse_policy("best_suited"), FailsWith(Code::invalid_argument,
                                                     "policy 'best_suited': want pack, spread or "
                                                     "best-suited; did you mean 'best-suited'?"));
  EXPECT_THAT(parse_policy(""), FailsWith(Code::invalid_argument, "policy ''"));
}

// A node of 60 Gbit/s free and one of 80: the pod asks 50.
TEST(Suitability, PackPrefersTheNodeWithLessLeftAndSpreadTheOneWithMore) {
  const PodAsk ask = lanes_of({50});

  EXPECT_GT(score(Policy::pack, ports_with({60}), ask), score(Policy::pack, ports_with({80}), ask));
  EXPECT_LT(score(Policy::spread, ports_with({60}), ask),
            score(Policy::spread, ports_with({80}), ask));
}

TEST(Suitability, WhatIsLeftIsAPartOfTheNode) {
  std::vector<NodePort> slow = ports_with({100});
  slow[0].line_rate = slow[0].usable = BitRate::gbps(25);
  slow[0].promised = {};

  // 15 of 25 Gbit/s are less of a node than 70 of 100, and more of one than 50 of 100.
  const PodAsk ask = lanes_of({10});
  EXPECT_GT(score(Policy::pack, slow, ask), score(Policy::pack, ports_with({80}), ask));
  EXPECT_LT(score(Policy::pack, slow, ask), score(Policy::pack, ports_with({60}), ask));
}

TEST(Suitability, BetweenNodesWithAsMuchBandwidthVfsDecide) {
  const std::vector<NodePort> few = {port_with(0, BitRate::gbps(50), 2)};
  const std::vector<NodePort> many = {port_with(0, BitRate::gbps(50), 9)};

  EXPECT_GT(score(Policy::pack, few, lanes_of({0})), score(Policy::pack, many, lanes_of({0})));
  EXPECT_LT(score(Policy::spread, few, lanes_of({0})), score(Policy::spread, many, lanes_of({0})));
}

TEST(Suitability, BestSuitedKeepsWholePortsForPodsThatNeedThem) {
  EXPECT_GT(score(Policy::best_suited, ports_with({60, 60}), lanes_of({10})),
            score(Policy::best_suited, ports_with({100, 20}), lanes_of({10})));
}

TEST(Suitability, BestSuitedKeepsPortsTogetherForPodsOfSeveralLanes) {
  // The first node loses its room for two lanes of 100 Gbit/s, the second one never had it.
  EXPECT_LT(score(Policy::best_suited, ports_with({100, 100}), lanes_of({60})),
            score(Policy::best_suited, ports_with({100, 99, 99, 99}), lanes_of({60})));
}

TEST(Suitability, BestSuitedFillsAGapThatNoCommonLaneFits) {
  EXPECT_GT(score(Policy::best_suited, ports_with({13}), lanes_of({3})),
            score(Policy::best_suited, ports_with({10}), lanes_of({3})));
}

TEST(Suitability, BestSuitedTakesVfsWhereBandwidthIsGone) {
  // A lane without floor: where 1 Gbit/s is left for 5 VFs, none is missed; where 50 are, one is.
  const std::vector<NodePort> full = {port_with(0, BitRate::gbps(1), 5)};
  const std::vector<NodePort> half_full = {port_with(0, BitRate::gbps(50), 5)};

  EXPECT_GT(score(Policy::best_suited, full, lanes_of({0})),
            score(Policy::best_suited, half_full, lanes_of({0})));
}

TEST(Suitability, CountsWhatTheDriverRoundsFloorsTo) {
  std::vector<NodePort> ports = ports_with({50});
  PodAsk ask = lanes_of({0});
  ask.lanes[0].rate.floor = BitRate::bits_per_second(10'000'000'001);

  PodAsk rounded = lanes_of({0});
  rounded.lanes[0].rate.floor = effective_promise(capability_of(ports[0]), ask.lanes[0].rate.floor);
  ASSERT_GT(rounded.lanes[0].rate.floor, ask.lanes[0].rate.floor);
  for (const Policy policy : kPolicies) {
    EXPECT_EQ(score(policy, ports, ask), score(policy, ports, rounded)) << to_string(policy);
  }
}

TEST(Suitability, LanesThatNeedNoVfsStrandNone) {
  std::vector<NodePort> ports = ports_with({100});
  ports[0].driver = std::string(htb_capability().driver);
  const double with_vfs = score(Policy::best_suited, ports, lanes_of({0, 0}));
  ports[0].free_vfs = {};

  EXPECT_EQ(score(Policy::best_suited, ports, lanes_of({0, 0})),
            score(Policy::best_suited, ports, lanes_of({0})));
  EXPECT_GT(score(Policy::best_suited, ports, lanes_of({0, 0})), with_vfs);
}

TEST(Suitability, APodWithoutLanesTakesNothing) {
  EXPECT_EQ(suitability(Policy::pack, {}, {}, {}), 0) << "a node without ports";
  EXPECT_GT(suitability(Policy::spread, ports_with({60}), {}, {}),
            suitability(Policy::spread, ports_with({50}), {}, {}));
}

TEST(Suitability, OfOtherSharesIsByWhatTheyHaveLeft) {
  const BitRate usable = BitRate::gbps(100);
  const auto of = [&](Policy policy, std::uint64_t left) {
    return suitability(policy, BitRate::gbps(left), usable);
  };

  EXPECT_GT(of(Policy::pack, 10), of(Policy::pack, 20));
  EXPECT_LT(of(Policy::spread, 10), of(Policy::spread, 20));
  EXPECT_GT(of(Policy::best_suited, 10), of(Policy::best_suited, 20));
  EXPECT_EQ(suitability(Policy::spread, {}, {}), 0) << "no such share";
}

}  // namespace
}  // namespace sluice
