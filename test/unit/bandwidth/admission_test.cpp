#include "pkg/bandwidth/admission.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr Rate rate(BitRate floor, BitRate ceiling) {
  return {.floor = floor, .ceiling = ceiling};
}

PortBudget budget(BitRate usable, BitRate promised) {
  return {.port = "0000:3b:00.0",
          .line_rate = BitRate::gbps(100),
          .usable = usable,
          .promised = promised};
}

TEST(Admission, GrantsUpToTheLastBit) {
  const PortBudget half = budget(BitRate::gbps(100), BitRate::gbps(60));
  ASSERT_OK_AND_ASSIGN(const BitRate sum, admit(half, BitRate::gbps(40)));
  EXPECT_EQ(sum, BitRate::gbps(100));
  EXPECT_THAT(admit(half, BitRate::bits_per_second(40'000'000'001)),
              FailsWith(Code::exhausted, "40000000.001 kbit/s asked"));
}

TEST(Admission, RefusesWithTheNumbers) {
  EXPECT_THAT(admit(budget(BitRate::gbps(100), BitRate::gbps(60)), BitRate::gbps(50)),
              FailsWith(Code::exhausted,
                        "port 0000:3b:00.0: 40 Gbit/s of 100 Gbit/s free, 50 Gbit/s asked"));
}

TEST(Admission, APortIsShortWhileItsWireCarriesLessThanItPromised) {
  EXPECT_THAT(check_carries(budget(BitRate::gbps(80), BitRate::gbps(100))), IsOk());
  const PortBudget slow = budget(BitRate::gbps(100), BitRate::gbps(101));
  EXPECT_THAT(check_carries(slow), FailsWith(Code::exhausted,
                                             "port 0000:3b:00.0: 101 Gbit/s are promised, its line "
                                             "rate is 100 Gbit/s"));
  EXPECT_THAT(check_carries({.port = "p", .promised = BitRate::gbps(1)}), IsOk());
}

TEST(Admission, RefusesOnAPortThatLostBandwidthAfterItWasPromised) {
  const PortBudget slow = budget(BitRate::gbps(25), BitRate::gbps(60));
  EXPECT_THAT(admit(slow, BitRate::mbps(1)),
              FailsWith(Code::exhausted, "0 bit/s of 25 Gbit/s free, 1 Mbit/s asked"));
  EXPECT_THAT(admit(slow, BitRate()), IsOk());
}

TEST(Admission, SumsThatWouldWrapAreRefused) {
  const BitRate most = BitRate::bits_per_second(std::numeric_limits<std::uint64_t>::max());
  EXPECT_THAT(admit(budget(most, BitRate::mbps(1)), most), FailsWith(Code::exhausted, "asked"));
}

TEST(EffectivePromise, RoundsUpToTheDriversStep) {
  const BitRate odd = BitRate::bits_per_second(120'000'001);
  EXPECT_EQ(effective_promise(capability_of("ice"), odd), BitRate::mbps(121));
  EXPECT_EQ(effective_promise(capability_of("mlx5_core"), odd), BitRate::mbps(121));
  EXPECT_EQ(effective_promise(capability_of("i40e"), odd), BitRate::mbps(150));
  EXPECT_EQ(effective_promise(capability_of("qlcnic"), odd), BitRate::mbps(200));
  EXPECT_EQ(effective_promise(htb_capability(), odd), BitRate::bits_per_second(120'001'000));
}

TEST(EffectivePromise, ALaneWithoutFloorCostsTheLeastCeilingWhereFloorsAreEmulated) {
  EXPECT_EQ(effective_promise(capability_of("ice"), BitRate()), BitRate());
  EXPECT_EQ(effective_promise(capability_of("mlx5_core"), BitRate()), BitRate());
  EXPECT_EQ(effective_promise(capability_of("igb"), BitRate()), BitRate::mbps(1));
  EXPECT_EQ(effective_promise(capability_of("ixgbe"), BitRate()), BitRate::mbps(11));
  EXPECT_EQ(effective_promise(capability_of("i40e"), BitRate()), BitRate::mbps(50));
  EXPECT_EQ(effective_promise(capability_of("virtio-pci"), BitRate()), BitRate());
}

TEST(Validate, AcceptsWhatThePortCanDo) {
  const BitRate line = BitRate::gbps(10);
  for (const char* const driver : {"ice", "mlx5_core", "i40e", "igb", "ixgbe", "bnxt_en"}) {
    const DriverCapability& capability = capability_of(driver);
    EXPECT_THAT(validate(capability, line, {}), IsOk()) << driver;
    EXPECT_THAT(validate(capability, line, rate(line, {})), IsOk()) << driver;
    EXPECT_THAT(validate(capability, line, rate(line, line)), IsOk()) << driver;
    EXPECT_THAT(validate(capability, line, rate({}, BitRate::mbps(100))), IsOk()) << driver;
  }
  EXPECT_THAT(validate(capability_of("virtio-pci"), BitRate(), {}), IsOk());
}

TEST(Validate, C43_RefusesAFloorAboveItsCeiling) {
  EXPECT_THAT(validate(capability_of("mlx5_core"), BitRate::gbps(100),
                       rate(BitRate::mbps(300), BitRate::mbps(200))),
              FailsWith(Code::invalid_argument, "floor 300 Mbit/s is above ceiling 200 Mbit/s"));
}

TEST(Validate, C44_RefusesRatesAboveTheLineRate) {
  const DriverCapability& mlx5 = capability_of("mlx5_core");
  EXPECT_THAT(
      validate(mlx5, BitRate::gbps(25), rate({}, BitRate::gbps(100))),
      FailsWith(Code::invalid_argument, "ceiling 100 Gbit/s is above the line rate 25 Gbit/s"));
  EXPECT_THAT(
      validate(mlx5, BitRate::gbps(25), rate(BitRate::gbps(26), {})),
      FailsWith(Code::invalid_argument, "floor 26 Gbit/s is above the line rate 25 Gbit/s"));
}

TEST(Validate, RefusesRatesAboveTheDriversBound) {
  EXPECT_THAT(validate(capability_of("nfp"), BitRate::gbps(100), rate({}, BitRate::gbps(66))),
              FailsWith(Code::invalid_argument,
                        "ceiling 66 Gbit/s is above 65.534 Gbit/s, the most driver nfp takes"));
}

TEST(Validate, RefusesCeilingsTheDriverCannotSet) {
  EXPECT_THAT(validate(capability_of("i40e"), BitRate::gbps(40), rate({}, BitRate::mbps(49))),
              FailsWith(Code::invalid_argument,
                        "ceiling 49 Mbit/s is below 50 Mbit/s, the least driver i40e takes"));
  EXPECT_THAT(validate(capability_of("ice"), BitRate::gbps(40),
                       rate({}, BitRate::bits_per_second(999'999))),
              FailsWith(Code::invalid_argument, "is below 1 Mbit/s, the least driver ice takes"));
}

TEST(Validate, RefusesRatesWithoutAStepBetweenThem) {
  EXPECT_THAT(validate(capability_of("i40e"), BitRate::gbps(40),
                       rate(BitRate::mbps(110), BitRate::mbps(140))),
              FailsWith(Code::invalid_argument,
                        "driver i40e has no step of 50 Mbit/s from floor 110 Mbit/s to "
                        "140 Mbit/s"));
  EXPECT_THAT(validate(capability_of("i40e"), BitRate::gbps(40),
                       rate(BitRate::mbps(110), BitRate::mbps(150))),
              IsOk());
}

TEST(Validate, RefusesFloorsAndCeilingsThatTheDriverDoesNotKeep) {
  EXPECT_THAT(validate(capability_of("virtio-pci"), BitRate::gbps(10), rate(BitRate::gbps(1), {})),
              FailsWith(Code::unsupported, "driver virtio-pci keeps no floors, 1 Gbit/s asked"));
  EXPECT_THAT(validate(capability_of("mlx4_core"), BitRate::gbps(10), rate({}, BitRate::gbps(2))),
              FailsWith(Code::unsupported, "driver mlx4_core keeps no ceilings, 2 Gbit/s asked"));
  EXPECT_THAT(validate(capability_of("nosuch"), BitRate::gbps(10), rate(BitRate::gbps(1), {})),
              FailsWith(Code::unsupported, "driver of this port keeps no floors"));
}

TEST(Validate, AsksForACarrierWhereTheLineRateMatters) {
  const Rate some = rate(BitRate::mbps(100), {});
  const auto no_carrier = FailsWith(Code::busy, "no carrier, its line rate is unknown");
  EXPECT_THAT(validate(capability_of("ice"), BitRate(), some), no_carrier);
  EXPECT_THAT(validate(capability_of("igb"), BitRate(), some), no_carrier);
  EXPECT_THAT(validate(capability_of("igb"), BitRate(), {}), no_carrier);
  EXPECT_THAT(validate(capability_of("mlx5_core"), BitRate(), {}), no_carrier);
  EXPECT_THAT(validate(capability_of("ice"), BitRate(), {}), IsOk());
}

TEST(Validate, RefusesALineRateAtWhichTheDriverDoesNotLimit) {
  EXPECT_THAT(validate(capability_of("ixgbe"), BitRate::gbps(1), rate({}, BitRate::mbps(100))),
              FailsWith(Code::unsupported,
                        "driver ixgbe limits only at 10 Gbit/s, the port runs at 1 Gbit/s"));
}

}  // namespace
}  // namespace sluice
