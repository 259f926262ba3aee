// What hard questions cost: in search steps, which are the same on every machine.
#include <gtest/gtest.h>

#include <random>

#include "test/support/result_matchers.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

// No search at all: the answer is known before.
constexpr std::uint64_t kNone = 0;

TEST(PlaceSteps, OneVfTooFewNeedsNoSearch) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].free_vfs = 30;
  ports[1].free_vfs = 29;
  EXPECT_THAT(place(ports, lanes_of(59, 1), kNone), IsOk());
  EXPECT_THAT(place(ports, lanes_of(60, 1), kNone), FailsWith(Code::exhausted, "60 VFs asked"));

  ports[0].free_vfs = ports[1].free_vfs = 10;
  EXPECT_THAT(place(ports, lanes_of(20, 0), kNone), IsOk());
  EXPECT_THAT(place(ports, lanes_of(21, 0), kNone), FailsWith(Code::exhausted, "21 VFs asked"));
}

TEST(PlaceSteps, OneVfOfEitherSortTooFewNeedsNoSearch) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].free_vfs = ports[1].free_vfio_vfs = 20;
  ports[1].free_vfs = ports[0].free_vfio_vfs = 5;
  PodAsk ask = lanes_of(50, 0);
  for (std::size_t lane = 0; lane < 25; ++lane) ask.lanes[lane].vfio = true;
  EXPECT_THAT(place(ports, ask, kNone), IsOk());
  ask.lanes[49].vfio = true;
  EXPECT_THAT(place(ports, ask, kNone),
              FailsWith(Code::exhausted, "26 VFs bound to vfio-pci asked, 25 free"));
}

TEST(PlaceSteps, ManySmallLanesAndAnImpossibleOneNeedNoSearch) {
  for (const std::size_t ports : {2U, 4U, 8U}) {
    for (std::size_t lanes = 1; lanes < 63; ++lanes) {
      PodAsk ask = lanes_of(lanes, 0);
      ask.lanes.push_back({.rate = {.floor = BitRate::gbps(60), .ceiling = {}}});
      EXPECT_THAT(place(ports_with(std::vector<std::uint64_t>(ports, 50)), ask, kNone),
                  FailsWith(Code::exhausted, "60 Gbit/s asked"));
    }
  }
}

TEST(PlaceSteps, TheCasesOfThePaperNeedNextToNone) {
  constexpr std::uint64_t kFew = 160;  // A sixteenth before the other order of ports.
  EXPECT_THAT(place(ports_with({9, 6}), lanes_of({3, 3, 8}), kFew), IsOk());
  EXPECT_THAT(place(ports_with({12, 8}), lanes_of({8, 3, 3, 3, 3}), kFew), IsOk());
  EXPECT_THAT(place(ports_with({10, 11}), lanes_of({8, 3, 3, 3, 3}), kFew), IsOk());
}

/// 64 lanes on 8 ports of which other pods have a part, asking for about all that is free.
class CrowdedNode {
 public:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// Of lanes and of free VFs one in three is for vfio-pci, where `with_vfio` says so.
  Result<Placement> place_lanes(std::uint64_t percent, BitRate unit, bool with_vfio) {
    std::vector<NodePort> ports;
    BitRate left;
    for (std::uint64_t number = 0; number < 8; ++number) {
      ports.push_back(
          port_with(number, BitRate::gbps(20 + below(81)), static_cast<int>(4 + below(12))));
      left += ports.back().usable - ports.back().promised;
      if (!with_vfio) continue;
      ports.back().free_vfio_vfs = *ports.back().free_vfs / 3;
      *ports.back().free_vfs -= ports.back().free_vfio_vfs;
    }
    left = BitRate::bits_per_second(left.as_bits_per_second() / 100 * percent);
    PodAsk ask;
    while (ask.lanes.size() < kMostLanes && !left.is_zero()) {
      const BitRate floor = std::min(left, BitRate::mbps(1 + below(20'000)).rounded_up(unit));
      ask.lanes.push_back({.rate = {.floor = floor, .ceiling = {}}});
      ask.lanes.back().vfio = with_vfio && below(3) == 0;
      left = left - floor;
    }
    return place(ports, ask, kSteps);
  }

 private:
  static constexpr std::uint64_t kSteps = 2'000;

  std::mt19937_64 random_{20260302};
};

struct Answers {
  int placed = 0;
  int refused = 0;
  int given_up = 0;
};

constexpr int kNodes = 500;

Answers ask_crowded_nodes(std::uint64_t percent, BitRate unit, bool with_vfio = false) {
  CrowdedNode node;
  Answers answers;
  for (int i = 0; i < kNodes; ++i) {
    const Result<Placement> placement = node.place_lanes(percent, unit, with_vfio);
    const bool given_up = !placement && placement.error().code() == Code::timed_out;
    ++(placement ? answers.placed : given_up ? answers.given_up : answers.refused);
  }
  return answers;
}

TEST(PlaceSteps, CrowdedNodesNeedFewSteps) {
  for (const std::uint64_t percent : {95U, 98U, 100U}) {
    const Answers answers = ask_crowded_nodes(percent, BitRate::gbps(1));
    EXPECT_LE(answers.given_up, kNodes / 200) << percent << " % of what is free";
    EXPECT_GT(answers.placed, kNodes / 10) << percent << " % of what is free";
    EXPECT_GT(answers.refused, kNodes / 100) << percent << " % of what is free";
  }
}

// More than with one sort where next to nothing is to spare: bounds of a search count both
// together.
TEST(PlaceSteps, VfsOfTwoSortsNeedFewSteps) {
  int placed = 0;
  for (const std::uint64_t percent : {60U, 80U, 95U, 98U, 100U}) {
    const Answers answers = ask_crowded_nodes(percent, BitRate::gbps(1), true);
    EXPECT_LE(answers.given_up, percent > 95 ? kNodes / 50 : kNodes / 200)
        << percent << " % of what is free";
    placed += answers.placed;
  }
  EXPECT_GT(placed, kNodes / 4);
}

TEST(PlaceSteps, FloorsOfManySizesNeedFewStepsWhileAHundredthIsFree) {
  for (const std::uint64_t percent : {90U, 95U, 98U, 99U}) {
    const Answers answers = ask_crowded_nodes(percent, BitRate::mbps(1));
    EXPECT_LE(answers.given_up, kNodes / 50) << percent << " % of what is free";
  }
}

}  // namespace
}  // namespace sluice
