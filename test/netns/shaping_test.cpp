#include <numeric>

#include "test/netns/shaping_world.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

// Every expectation is a ratio of wire bytes that the kernel counted over the same stretch, so a
// slow machine makes these tests longer, not wrong.

constexpr BitRate kUsable = BitRate::mbps(200);
constexpr std::uint64_t kMeasured = 30'000'000;  // Bytes: 1.2 s at that rate

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Jain's fairness index: 1 when all are equal, 1/n when one has everything.
double jain(const std::vector<double>& values) {
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return sum(values) * sum(values) / (static_cast<double>(values.size()) * squares);
}

TEST(Shaping, FloorsHoldUnderOverload) {
  ShapingWorld world(kUsable);
  const std::vector<std::uint64_t> floors = {100, 60, 40};  // Mbit/s; all that is usable
  for (const std::uint64_t floor : floors) world.add_lane({.floor = BitRate::mbps(floor)});

  const std::vector<double> bytes = world.bytes_of({0, 1, 2}, kMeasured);

  ASSERT_EQ(bytes.size(), 3U);
  for (std::size_t lane = 0; lane < 3; ++lane) {
    const double promised = static_cast<double>(floors[lane]) / 200 * sum(bytes);
    EXPECT_GE(bytes[lane], 0.98 * promised) << "lane " << lane;
  }
}

TEST(Shaping, CeilingsHoldWhileThereIsRoom) {
  ShapingWorld world(kUsable);
  const std::vector<std::uint64_t> ceilings = {100, 50, 25};
  for (const std::uint64_t ceiling : ceilings) {
    world.add_lane({.floor = BitRate::mbps(10), .ceiling = BitRate::mbps(ceiling)});
  }

  const std::vector<double> bytes = world.bytes_of({0, 1, 2}, kMeasured);

  ASSERT_EQ(bytes.size(), 3U);
  for (std::size_t lane = 0; lane < 3; ++lane) {
    const double allowed = static_cast<double>(ceilings[lane]) / 175 * sum(bytes);
    EXPECT_NEAR(bytes[lane] / allowed, 1, 0.02) << "lane " << lane;
  }
}

TEST(Shaping, EqualLanesShareEqually) {
  ShapingWorld world(kUsable);
  for (int lane = 0; lane < 4; ++lane) world.add_lane({.floor = BitRate::mbps(20)});

  const std::vector<double> bytes = world.bytes_of({0, 1, 2, 3}, kMeasured);

  ASSERT_EQ(bytes.size(), 4U);
  EXPECT_GE(jain(bytes), 0.99);
}

TEST(Shaping, IdleLanesLeaveTheirFloorToOthers) {
  ShapingWorld world(kUsable);
  world.add_lane({.floor = BitRate::mbps(180)});
  world.add_lane({.floor = BitRate::mbps(10)});
  world.add_lane({.floor = BitRate::mbps(10), .ceiling = BitRate::mbps(50)});

  const std::vector<double> bytes = world.bytes_of({1, 2}, kMeasured);

  ASSERT_EQ(bytes.size(), 3U);
  EXPECT_LT(bytes[0], 10'000);  // The kernel greets its neighbours.
  EXPECT_NEAR(bytes[1] / sum(bytes), 0.75, 0.02);
  EXPECT_NEAR(bytes[2] / sum(bytes), 0.25, 0.02);
}

TEST(Shaping, LeavesTheUplinkAsItWasFound) {
  ShapingWorld world(kUsable);
  const auto found = world.traffic_control().qdiscs(world.uplink()).value();
  world.add_lane({.floor = BitRate::mbps(10)});
  world.add_lane({.floor = BitRate::mbps(10)});
  EXPECT_NE(world.traffic_control().qdiscs(world.uplink()).value(), found);

  ASSERT_THAT(world.shaper().clear(0), IsOk());
  ASSERT_THAT(world.shaper().clear(1), IsOk());

  EXPECT_EQ(world.traffic_control().qdiscs(world.uplink()).value(), found);
}

}  // namespace
}  // namespace sluice
