#include <functional>
#include <numeric>

#include "test/netns/shaping_world.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

// Every expectation is a ratio of wire bytes that the kernel counted over the same stretch, so a
// slow machine makes these tests longer, not wrong. One so busy that a sender starves is asked
// again.

constexpr BitRate kUsable = BitRate::mbps(200);
constexpr std::uint64_t kMeasured = 30'000'000;  // Bytes: 1.2 s at that rate
constexpr int kAttempts = 3;

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Jain's fairness index: 1 when all are equal, 1/n when one has everything.
double jain(const std::vector<double>& values) {
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return sum(values) * sum(values) / (static_cast<double>(values.size()) * squares);
}

/// What is wrong with the bytes that the lanes sent over the same stretch; empty when nothing is.
using Judge = std::function<std::string(const std::vector<double>& bytes)>;

/// The lanes send and are judged; again when that is found wrong, because a sender that the machine
/// does not let run says nothing about lanes. The last verdict.
std::string verdict(ShapingWorld& world, const std::vector<int>& senders, const Judge& judge) {
  std::string wrong;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::vector<double> bytes = world.bytes_of(senders, kMeasured);
    if (bytes.empty()) return "it took unduly long";
    wrong = judge(bytes);
    if (wrong.empty()) break;
  }
  return wrong;
}

/// Lane by lane: whether the share of all bytes is `from` to `to` times the one expected.
std::string compare(const std::vector<double>& bytes, const std::vector<double>& expected,
                    double from, double to) {
  std::string wrong;
  for (std::size_t lane = 0; lane < bytes.size(); ++lane) {
    const double share = bytes[lane] / sum(bytes);
    if (share >= from * expected[lane] && share <= to * expected[lane]) continue;
    wrong += fmt::format("lane {}: {:.4f} of all, {:.4f} expected; ", lane, share, expected[lane]);
  }
  return wrong;
}

TEST(Shaping, FloorsHoldUnderOverload) {
  ShapingWorld world(kUsable);
  for (const int floor : {100, 60, 40}) {  // All that is usable.
    world.add_lane({.floor = BitRate::mbps(static_cast<std::uint64_t>(floor))});
  }
  EXPECT_EQ(verdict(world, {0, 1, 2},
                    [](const auto& bytes) {
                      return compare(bytes, {0.5, 0.3, 0.2}, 0.98, 2);
                    }),
            "");
}

TEST(Shaping, CeilingsHoldWhileThereIsRoom) {
  ShapingWorld world(kUsable);
  for (const int ceiling : {100, 50, 25}) {
    world.add_lane({.floor = BitRate::mbps(10),
                    .ceiling = BitRate::mbps(static_cast<std::uint64_t>(ceiling))});
  }
  EXPECT_EQ(verdict(world, {0, 1, 2},
                    [](const auto& bytes) {
                      return compare(bytes, {100.0 / 175, 50.0 / 175, 25.0 / 175}, 0.98, 1.02);
                    }),
            "");
}

TEST(Shaping, EqualLanesShareEqually) {
  ShapingWorld world(kUsable);
  for (int lane = 0; lane < 4; ++lane) world.add_lane({.floor = BitRate::mbps(20)});
  EXPECT_EQ(verdict(world, {0, 1, 2, 3},
                    [](const auto& bytes) {
                      const double index = jain(bytes);
                      return index >= 0.99 ? "" : fmt::format("fairness {:.4f}", index);
                    }),
            "");
}

TEST(Shaping, IdleLanesLeaveTheirFloorToOthers) {
  ShapingWorld world(kUsable);
  world.add_lane({.floor = BitRate::mbps(180)});
  world.add_lane({.floor = BitRate::mbps(10)});
  world.add_lane({.floor = BitRate::mbps(10), .ceiling = BitRate::mbps(50)});
  EXPECT_EQ(verdict(world, {1, 2},
                    [](const auto& bytes) {
                      // The kernel greets its neighbours.
                      if (bytes[0] > 10'000) return fmt::format("lane 0: {} bytes", bytes[0]);
                      return compare({bytes[1], bytes[2]}, {0.75, 0.25}, 0.97, 1.08);
                    }),
            "");
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
