#include "pkg/bandwidth/capability.h"

#include <gtest/gtest.h>

#include <string>

#include "pkg/bandwidth/admission.h"
#include "pkg/bandwidth/port_capability.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

TEST(Capability, SpellsItsWordsAsPublished) {
  EXPECT_EQ(to_string(FloorEnforcement::hardware), "hardware");
  EXPECT_EQ(to_string(FloorEnforcement::weight), "weight");
  EXPECT_EQ(to_string(FloorEnforcement::emulated), "emulated");
  EXPECT_EQ(to_string(FloorEnforcement::none), "none");
  EXPECT_EQ(to_string(CeilingEnforcement::hardware), "hardware");
  EXPECT_EQ(to_string(CeilingEnforcement::none), "none");
}

TEST(Capability, KnowsTheDriversByTheirKind) {
  const std::pair<FloorEnforcement, std::vector<const char*>> kinds[] = {
      {FloorEnforcement::hardware, {"ice", "bnxt_en", "nfp", "hinic", "qlcnic", "netdevsim"}},
      {FloorEnforcement::weight, {"mlx5_core"}},
      {FloorEnforcement::emulated,
       {"i40e", "ixgbe", "igb", "hns3", "ionic", "cxgb4", "funeth", "fm10k", "be2net", "qede"}},
      {FloorEnforcement::none,
       {"mlx4_core", "virtio-pci", "igb-without-rates", "ena", "mana", "gve", "efa", "ipoib"}}};
  std::size_t drivers = 0;
  for (const auto& [kind, names] : kinds) {
    for (const char* const name : names) {
      EXPECT_EQ(capability_of(name).driver, name);
      EXPECT_EQ(capability_of(name).floor, kind) << name;
      ++drivers;
    }
  }
  EXPECT_EQ(known_drivers().size(), drivers) << "a row that this test does not know";
}

TEST(Capability, TellsTheChipOfIgbThatHasRatesFromThoseThatHaveNone) {
  for (const int chip : {0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518, 0x1526}) {
    EXPECT_EQ(capability_name("igb", static_cast<std::uint16_t>(chip)), "igb") << chip;
  }
  constexpr std::uint16_t kI350 = 0x1521;
  EXPECT_EQ(capability_name("igb", kI350), "igb-without-rates");
  EXPECT_EQ(capability_of(capability_name("igb", kI350)).ceiling, CeilingEnforcement::none);
  EXPECT_EQ(capability_name("igb", 0), "igb-without-rates");
  EXPECT_EQ(capability_name("ixgbe", kI350), "ixgbe");
}

TEST(Capability, PromisesNothingForDriversItDoesNotKnow) {
  for (const char* const name : {"", "mlx5", "aardvark", "zzz", "IGB"}) {
    EXPECT_EQ(capability_of(name).floor, FloorEnforcement::none) << name;
    EXPECT_EQ(capability_of(name).ceiling, CeilingEnforcement::none) << name;
  }
}

TEST(Capability, PromisesNothingOnInfiniBandWhateverTheDriver) {
  Port port;
  port.driver = "mlx5_core";
  port.link_type = LinkType::infiniband;
  const DriverCapability& capability = capability_of(port);
  EXPECT_EQ(capability.floor, FloorEnforcement::none);
  EXPECT_EQ(capability.ceiling, CeilingEnforcement::none);
  EXPECT_EQ(capability.driver, kIpoib);
  EXPECT_EQ(&capability_of(kIpoib), &capability) << "what a record says has a row of its own";
}

TEST(Capability, IceTakesNoMoreThanItsSchedulerOnFasterPorts) {
  const DriverCapability& ice = capability_of("ice");
  const Rate fast{.floor = {}, .ceiling = BitRate::gbps(150)};
  EXPECT_THAT(validate(ice, BitRate::gbps(200), fast),
              FailsWith(Code::invalid_argument, "100 Gbit/s, the most driver ice takes"));
  const Rate most{.floor = BitRate::gbps(100), .ceiling = BitRate::gbps(100)};
  EXPECT_THAT(validate(ice, BitRate::gbps(200), most), IsOk());
}

TEST(Capability, RowsAreConsistent) {
  for (const DriverCapability& row : known_drivers()) {
    const bool limits = row.ceiling == CeilingEnforcement::hardware;
    EXPECT_EQ(limits, row.floor != FloorEnforcement::none) << row.driver;
    EXPECT_EQ(limits, !row.step.is_zero()) << row.driver;
    EXPECT_EQ(limits, !row.least.is_zero()) << row.driver;
    EXPECT_EQ(row.step.as_bits_per_second() % 1'000'000, 0U) << row.driver;
    EXPECT_EQ(row.least.as_bits_per_second() % 1'000'000, 0U) << row.driver;
    EXPECT_EQ(row.most.rounded_down(row.step), row.most) << row.driver;
    EXPECT_TRUE(row.zero_clears || !row.acknowledgement_trusted)
        << row.driver << " ignores zeros, so its word is not worth much";
  }
}

TEST(Capability, SoftwareLanesHaveRealFloors) {
  EXPECT_EQ(htb_capability().floor, FloorEnforcement::hardware);
  EXPECT_EQ(htb_capability().ceiling, CeilingEnforcement::hardware);
}

}  // namespace
}  // namespace sluice
