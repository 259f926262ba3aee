#include "bench/cluster_sim/contestant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/placement/placement_world.h"

namespace sluice::sim {
namespace {

using testing::ElementsAre;
using testing::Optional;

constexpr std::uint64_t kMost = 10'000'000;

// The demonstration cases of the RIT authors (ICNP 2019), and what their program answers.
TEST(Papers, AnswerAsTheirProgramDoes) {
  const auto placed = [](const std::vector<std::uint64_t>& ports,
                         const std::vector<std::uint64_t>& lanes) {
    return place_as_papers(ports_with(ports), lanes_of(lanes), kMost).placement;
  };
  EXPECT_THAT(placed({9, 6}, {3, 3, 8}), Optional(ElementsAre(1, 1, 0)));
  EXPECT_THAT(placed({12, 8}, {8, 3, 3, 3, 3}), Optional(ElementsAre(1, 0, 0, 0, 0)));
  EXPECT_THAT(placed({10, 11}, {8, 3, 3, 3, 3}), Optional(ElementsAre(1, 0, 0, 0, 1)));

  std::vector<NodePort> one_vf = ports_with({9, 6});
  one_vf[1].free_vfs = 1;
  EXPECT_EQ(place_as_papers(one_vf, lanes_of({3, 3, 8}), kMost).placement, std::nullopt);
}

// So many probes were counted on a port of their program.
TEST(Papers, ProbeAsOftenAsTheirProgramDoes) {
  const auto probes = [](std::size_t small, std::size_t ports) {
    std::vector<std::uint64_t> lanes(small, 1);
    lanes.push_back(95);
    const std::vector<std::uint64_t> free(ports, 90);
    return place_as_papers(ports_with(free), lanes_of(lanes), kMost).probes;
  };
  EXPECT_EQ(probes(4, 2), 62);
  EXPECT_EQ(probes(10, 2), 4'094);
  EXPECT_EQ(probes(14, 2), 65'534);
  EXPECT_EQ(probes(10, 4), 5'592'404);
}

TEST(Papers, AreGivenUpAfterTheProbesAllowed) {
  std::vector<std::uint64_t> lanes(20, 1);
  lanes.push_back(95);
  const PapersAnswer answer = place_as_papers(ports_with({90, 90}), lanes_of(lanes), 1'000);

  EXPECT_TRUE(answer.given_up);
  EXPECT_EQ(answer.placement, std::nullopt);
  EXPECT_LE(answer.probes, 1'002);
}

TEST(CountOnly, LooksAtVfsAlone) {
  const Contestant count_only = *contestant_of("count-only");
  std::vector<NodePort> ports = ports_with({0, 100});
  ports[0].free_vfs = 1;
  ports[1].free_vfs = 2;

  EXPECT_THAT(count_only.place_on(ports, lanes_of({50, 50, 60})), Optional(ElementsAre(0, 1, 1)));
  EXPECT_EQ(count_only.place_on(ports, lanes_of(4, 1)), std::nullopt);
}

}  // namespace
}  // namespace sluice::sim
