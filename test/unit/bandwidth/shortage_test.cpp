// A port whose line rate fell below what it has promised.
#include "pkg/bandwidth/shortage.h"

#include <gmock/gmock.h>

#include "pkg/bandwidth/rate_plan.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;

constexpr BitRate kNone;

constexpr Rate promise(std::uint64_t mbps, BitRate ceiling = kNone) {
  return {.floor = BitRate::mbps(mbps), .ceiling = ceiling};
}

constexpr PortShare port_at(std::uint64_t mbps, std::uint64_t elsewhere = 0) {
  return {.line_rate = BitRate::mbps(mbps),
          .usable = BitRate::mbps(mbps),
          .promised_elsewhere = BitRate::mbps(elsewhere)};
}

std::vector<Rate> divide(const char* driver, const PortShare& port, std::vector<Rate> asked) {
  const Result<std::vector<Rate>> rates = in_force(capability_of(driver), port, asked);
  EXPECT_THAT(rates, IsOk());
  return rates.value_or(std::vector<Rate>());
}

Rate rate(std::uint64_t floor, std::uint64_t ceiling) {
  return {.floor = BitRate::mbps(floor), .ceiling = BitRate::mbps(ceiling)};
}

TEST(Shortage, FloorsThatFitAreKept) {
  const Rate lanes[] = {promise(20'000), promise(5'000)};
  EXPECT_THAT(floors_in_force(capability_of("ice"), BitRate::gbps(25), lanes),
              ElementsAre(BitRate::gbps(20), BitRate::gbps(5)));
}

TEST(Shortage, FloorsAreCutInProportion) {
  EXPECT_THAT(divide("ice", port_at(25'000), {promise(40'000), promise(20'000), promise(0)}),
              ElementsAre(rate(16'666, 0), rate(8'333, 0), rate(0, 0)));
}

TEST(Shortage, FreeOffersGiveWayToLanes) {
  EXPECT_THAT(divide("ice", port_at(25'000, 60'000), {promise(20'000)}),
              ElementsAre(rate(20'000, 0)));
  EXPECT_THAT(divide("igb", port_at(100, 700), {promise(60), promise(20)}),
              ElementsAre(rate(0, 60), rate(0, 20)));
}

TEST(Shortage, CeilingsOfAnEmulatedPortStillSumToNoMoreThanItCarries) {
  EXPECT_THAT(divide("igb", port_at(100), {promise(600), promise(300), promise(0)}),
              ElementsAre(rate(0, 65), rate(0, 33), rate(0, 1)));
}

TEST(Shortage, CeilingsAreNoHigherThanTheWire) {
  EXPECT_THAT(divide("ice", port_at(25'000), {promise(20'000, BitRate::gbps(50))}),
              ElementsAre(rate(20'000, 25'000)));
}

TEST(Shortage, SmallFloorsKeepTheLeastThatTheDriverCanSet) {
  const Rate lanes[] = {promise(9'900), promise(50), promise(50)};
  EXPECT_THAT(floors_in_force(capability_of("i40e"), BitRate::gbps(1), lanes),
              ElementsAre(BitRate::mbps(900), BitRate::mbps(50), BitRate::mbps(50)));
}

TEST(Shortage, NeverCutsBelowTheLeastThough) {
  const Rate lanes[] = {promise(50), promise(50), promise(50)};
  EXPECT_THAT(floors_in_force(capability_of("i40e"), BitRate::mbps(100), lanes),
              ElementsAre(BitRate::mbps(50), BitRate::mbps(50), BitRate::mbps(50)));
}

}  // namespace
}  // namespace sluice
