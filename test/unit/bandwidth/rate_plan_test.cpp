#include "pkg/bandwidth/rate_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr BitRate kNone = BitRate();

BitRate mbps(std::uint64_t v) {
  return BitRate::mbps(v);
}

Rate rate(BitRate floor, BitRate ceiling) {
  return {.floor = floor, .ceiling = ceiling};
}

PortShare port(BitRate line_rate, BitRate promised_elsewhere = {}) {
  return {.line_rate = line_rate, .usable = line_rate, .promised_elsewhere = promised_elsewhere};
}

std::vector<Rate> plan(const char* driver, const PortShare& share, std::vector<Rate> asked) {
  const Result<std::vector<Rate>> rates = in_force(capability_of(driver), share, asked);
  EXPECT_THAT(rates, IsOk());
  return rates ? *rates : std::vector<Rate>();
}

TEST(InForce, HardwareGetsWhatWasAskedInWholeSteps) {
  EXPECT_THAT(plan("ice", port(mbps(100'000)),
                   {rate(BitRate::bits_per_second(1'500'000), BitRate::bits_per_second(2'500'000)),
                    rate(kNone, kNone), rate(mbps(5), kNone)}),
              ElementsAre(rate(mbps(2), mbps(2)), rate(kNone, kNone), rate(mbps(5), kNone)));
}

TEST(InForce, CeilingNeverRoundsToZeroWhichWouldBeNoLimit) {
  const Rate tiny = rate(kNone, BitRate::bits_per_second(1));
  EXPECT_THAT(plan("ice", port(mbps(1'000)), {tiny}), ElementsAre(rate(kNone, mbps(1))));
  EXPECT_THAT(plan("mlx5_core", port(mbps(1'000)), {tiny}), ElementsAre(rate(kNone, mbps(1))));
  EXPECT_THAT(plan("igb", port(mbps(1'000)), {tiny, rate(kNone, kNone)}),
              ElementsAre(rate(kNone, mbps(1)), rate(kNone, mbps(999))));
}

TEST(InForce, WeightsGetAnExplicitCeilingForEveryLane) {
  EXPECT_THAT(
      plan("mlx5_core",
           {.line_rate = mbps(100'000), .usable = mbps(90'000), .promised_elsewhere = {}},
           {rate(mbps(20'000), kNone), rate(kNone, mbps(10'000)), rate(kNone, mbps(95'000))}),
      ElementsAre(rate(mbps(20'000), mbps(90'000)), rate(kNone, mbps(10'000)),
                  rate(kNone, mbps(90'000))));
}

TEST(InForce, NoEnforcementWritesNothing) {
  EXPECT_THAT(plan("virtio-pci", port(mbps(10'000)), {rate(kNone, kNone), rate(kNone, kNone)}),
              ElementsAre(Rate{}, Rate{}));
}

TEST(InForce, EmulatedSharesEquallyWhatIsNotPromised) {
  EXPECT_THAT(plan("igb", port(mbps(1'000)),
                   {rate(mbps(500), kNone), rate(mbps(200), kNone), rate(kNone, kNone)}),
              ElementsAre(rate(kNone, mbps(599)), rate(kNone, mbps(299)), rate(kNone, mbps(100))));
}

TEST(InForce, EmulatedGivesWhatACeilingLeavesToTheOthers) {
  EXPECT_THAT(plan("igb", port(mbps(1'000)),
                   {rate(mbps(100), mbps(150)), rate(mbps(100), kNone), rate(mbps(100), kNone)}),
              ElementsAre(rate(kNone, mbps(150)), rate(kNone, mbps(425)), rate(kNone, mbps(425))));
}

TEST(InForce, EmulatedKeepsWhatOffersWerePromised) {
  EXPECT_THAT(
      plan("igb", port(mbps(1'000), mbps(600)), {rate(mbps(100), kNone), rate(mbps(100), kNone)}),
      ElementsAre(rate(kNone, mbps(200)), rate(kNone, mbps(200))));
}

TEST(InForce, EmulatedStaysOnTheDriversStep) {
  EXPECT_THAT(
      plan("i40e", port(mbps(10'000)),
           {rate(mbps(120), mbps(499)), rate(kNone, kNone), rate(mbps(1), kNone)}),
      ElementsAre(rate(kNone, mbps(450)), rate(kNone, mbps(4'750)), rate(kNone, mbps(4'750))));
}

TEST(InForce, EmulatedLaneAloneOnThePortIsUnlimited) {
  EXPECT_THAT(plan("igb", port(mbps(1'000)), {rate(mbps(100), kNone)}), ElementsAre(Rate{}));
  EXPECT_THAT(plan("igb", port(mbps(1'000)), {rate(mbps(100), mbps(300))}),
              ElementsAre(rate(kNone, mbps(300))));
  EXPECT_THAT(plan("igb", port(mbps(1'000), mbps(1)), {rate(mbps(100), kNone)}),
              ElementsAre(rate(kNone, mbps(999))));
  EXPECT_THAT(plan("igb", {.line_rate = mbps(1'000), .usable = mbps(900), .promised_elsewhere = {}},
                   {rate(mbps(100), kNone)}),
              ElementsAre(rate(kNone, mbps(900))));
}

TEST(InForce, UnlimitedIsANumberWhereZeroDoesNotClear) {
  EXPECT_THAT(plan("qede", port(mbps(25'000)), {rate(mbps(100), kNone)}),
              ElementsAre(rate(kNone, mbps(25'000))));
  EXPECT_EQ(released_rate(capability_of("qede"), mbps(25'000)), rate(kNone, mbps(25'000)));
  EXPECT_EQ(released_rate(capability_of("igb"), mbps(1'000)), Rate{});
}

TEST(InForce, APortWithoutLanesHasNothingToDivide) {
  for (const DriverCapability& row : known_drivers()) {
    EXPECT_THAT(plan(row.driver.data(), port(mbps(10'000), mbps(50)), {}), IsEmpty()) << row.driver;
  }
}

TEST(InForce, RefusesAFloorAboveItsCeiling) {
  for (const char* const driver : {"ice", "mlx5_core", "igb"}) {
    const Rate lanes[] = {rate(mbps(600), mbps(500))};
    EXPECT_THAT(in_force(capability_of(driver), port(mbps(1'000)), lanes),
                FailsWith(Code::invalid_argument, "floor 600 Mbit/s is above ceiling 500 Mbit/s"));
  }
}

RateUpdate ceiling(std::optional<std::uint64_t> before, std::optional<std::uint64_t> after) {
  const auto as_rate = [](std::optional<std::uint64_t> v) {
    return v ? std::optional(rate(kNone, mbps(*v))) : std::nullopt;
  };
  return {.before = as_rate(before), .after = as_rate(after)};
}

TEST(WriteOrder, LowersBeforeItRaisesAndLeavesOutTheRest) {
  const RateUpdate changes[] = {ceiling(100, 200), ceiling(300, 250), ceiling(50, 50),
                                ceiling(400, 350)};
  EXPECT_THAT(write_order(changes), ElementsAre(1, 3, 0));
}

TEST(WriteOrder, UnlimitedIsMoreThanAnyCeiling) {
  const RateUpdate changes[] = {ceiling(100, 0), ceiling(0, 100)};
  EXPECT_THAT(write_order(changes), ElementsAre(1, 0));
}

TEST(WriteOrder, ArrivalsComeLastAndDeparturesFirst) {
  const RateUpdate changes[] = {ceiling(std::nullopt, 100), ceiling(900, 800),
                                ceiling(100, std::nullopt), ceiling(std::nullopt, std::nullopt)};
  EXPECT_THAT(write_order(changes), ElementsAre(1, 2, 0));
}

TEST(WriteOrder, FloorsDecideWhereTheyDiffer) {
  const RateUpdate changes[] = {
      {.before = rate(mbps(1), mbps(9)), .after = rate(mbps(2), mbps(8))},
      {.before = rate(mbps(2), mbps(8)), .after = rate(mbps(1), mbps(9))}};
  EXPECT_THAT(write_order(changes), ElementsAre(1, 0));
}

}  // namespace
}  // namespace sluice
