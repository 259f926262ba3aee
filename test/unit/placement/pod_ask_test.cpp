#include "pkg/placement/pod_ask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;

TEST(PodAsk, LanesThatShareAPortAreABundle) {
  PodAsk ask = lanes_of(6, 1);
  ask.same_port = {{4, 2}, {5, 1}, {1, 4}, {3}};
  ASSERT_OK_AND_ASSIGN(const std::vector<LaneGroup> bundles, bundles_of(ask));
  EXPECT_THAT(bundles, ElementsAre(LaneGroup{0}, LaneGroup{1, 2, 4, 5}, LaneGroup{3}));
}

TEST(PodAsk, OnePortAndDifferentOnesIsAContradiction) {
  PodAsk ask = lanes_of(4, 1);
  ask.same_port = {{0, 1}, {1, 3}};
  ask.different_ports = {{2, 0}, {3, 2, 0}};
  EXPECT_THAT(bundles_of(ask),
              FailsWith(Code::invalid_argument,
                        "lanes 3 and 0 are asked on one port and on different ones"));
}

TEST(PodAsk, RefusesWhatIsWrongByItself) {
  EXPECT_THAT(check(lanes_of(64, 1)), IsOk());
  EXPECT_THAT(check(lanes_of(65, 1)),
              FailsWith(Code::invalid_argument, "65 lanes asked, 64 are the most"));

  PodAsk ask = lanes_of({1, 1});
  ask.same_port = {{0, 2}};
  EXPECT_THAT(check(ask),
              FailsWith(Code::invalid_argument, "a group names lane 2, 2 lanes are asked"));
  ask.same_port = {{}};
  EXPECT_THAT(check(ask), FailsWith(Code::invalid_argument, "a group of 0 lanes"));
  ask.same_port = {{0, 0, 0}};
  EXPECT_THAT(check(ask), FailsWith(Code::invalid_argument, "a group of 3 lanes"));
  ask.same_port = {};
  ask.different_ports.assign(65, {0, 1});
  EXPECT_THAT(check(ask), FailsWith(Code::invalid_argument, "65 groups asked, 64 are the most"));

  ask = lanes_of({0});
  ask.lanes[0].rate.ceiling = BitRate::bits_per_second(std::uint64_t{1} << 56U);
  EXPECT_THAT(check(ask), FailsWith(Code::invalid_argument, "more than any port has"));
}

TEST(PodAsk, MatchesPortsAsConfigurationDoes) {
  const NodePort port = port_with(1, {});
  EXPECT_TRUE((LaneAsk{.rate = {}, .numa_node = {}, .link = "ens*", .medium = {}}.matches(port)));
  EXPECT_TRUE(
      (LaneAsk{.rate = {}, .numa_node = {}, .link = "ens[12]", .medium = {}}.matches(port)));
  EXPECT_FALSE((LaneAsk{.rate = {}, .numa_node = {}, .link = "ens", .medium = {}}.matches(port)));
  EXPECT_FALSE((LaneAsk{.rate = {}, .numa_node = 0, .link = {}, .medium = {}}.matches(port)))
      << "the port's node is unknown";
}

}  // namespace
}  // namespace sluice
