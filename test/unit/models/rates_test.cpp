#include <cerrno>

#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

enum class Wire { up, down, other_speed };

/// One rate asked for, and what becomes of it.
struct RateCase {
  const char* model;
  Wire wire;
  int other_mbps;  ///< With Wire::other_speed.
  Rate asked;
  int answer;
  Rate reported;    ///< Where it was taken.
  Rate programmed;  ///< Likewise.
};

constexpr Rate rates(std::uint64_t floor, std::uint64_t ceiling) {
  return {.floor = BitRate::mbps(floor), .ceiling = BitRate::mbps(ceiling)};
}

constexpr RateCase taken(const char* model, Wire wire, Rate asked) {
  return {model, wire, 0, asked, 0, asked, asked};
}

constexpr RateCase refused(const char* model, Wire wire, Rate asked, int answer) {
  return {model, wire, 0, asked, answer, {}, {}};
}

const RateCase kCases[] = {
    // Nothing is checked; a floor is a weight.
    taken("mlx5", Wire::up, rates(400'000, 500'000)),
    taken("mlx5", Wire::down, rates(10, 20)),
    taken("mlx5_switchdev", Wire::up, rates(10, 20)),
    refused("ipoib", Wire::up, rates(0, 0), EOPNOTSUPP),
    refused("ipoib", Wire::up, rates(0, 100), EOPNOTSUPP),
    // The present speed, for the ceiling and for all floors.
    taken("ice", Wire::up, rates(60'000, 100'000)),
    refused("ice", Wire::up, rates(0, 100'001), EINVAL),
    refused("ice", Wire::down, rates(0, 100), EINVAL),
    taken("ice", Wire::down, rates(0, 0)),
    {"ice", Wire::other_speed, 200'000, rates(0, 150'000), EINVAL, {}, {}},
    // Credits of 50, and no check without a speed it knows.
    refused("i40e", Wire::up, rates(1, 100), EINVAL),
    refused("i40e", Wire::up, rates(0, 30'000), EINVAL),
    taken("i40e", Wire::down, rates(0, 30'000)),
    {"i40e", Wire::other_speed, 5'000, rates(0, 30'000), 0, rates(0, 30'000), rates(0, 30'000)},
    {"i40e", Wire::up, 0, rates(0, 149), 0, rates(0, 149), rates(0, 100)},
    {"i40e", Wire::up, 0, rates(0, 30), 0, rates(0, 30), rates(0, 50)},
    taken("i40e", Wire::down, rates(0, 0)),
    // At 10 Gbit/s or not at all, zero included.
    taken("ixgbe", Wire::up, rates(0, 2'000)),
    refused("ixgbe", Wire::up, rates(0, 10), EINVAL),
    refused("ixgbe", Wire::down, rates(0, 0), EINVAL),
    {"ixgbe", Wire::other_speed, 1'000, rates(0, 0), EINVAL, {}, {}},
    // With a link or not at all, zero included.
    taken("igb", Wire::up, rates(0, 1'000)),
    refused("igb", Wire::up, rates(0, 1'001), EINVAL),
    refused("igb", Wire::up, rates(1, 0), EINVAL),
    refused("igb", Wire::down, rates(0, 0), EINVAL),
    {"igb", Wire::other_speed, 100, rates(0, 500), EINVAL, {}, {}},
    // Anything while the speed is unknown.
    taken("bnxt_en", Wire::up, rates(1'000, 25'000)),
    refused("bnxt_en", Wire::up, rates(0, 40'000), EINVAL),
    taken("bnxt_en", Wire::down, rates(0, 40'000)),
    // Zero is skipped, and read as the link's speed.
    {"qede", Wire::up, 0, rates(0, 0), 0, rates(0, 25'000), {}},
    {"qede", Wire::down, 0, rates(0, 0), 0, rates(0, 0), {}},
    taken("qede", Wire::up, rates(0, 500)),
    taken("netdevsim", Wire::up, rates(10, 100)),
    refused("netdevsim_switchdev", Wire::up, rates(0, 100), EOPNOTSUPP),
};

class ModelRates : public ModelTest, public testing::WithParamInterface<RateCase> {};

TEST_P(ModelRates, AreTakenAsTheDriverTakesThem) {
  const RateCase& c = GetParam();
  plug(c.model);
  if (c.wire == Wire::down) port().lose_carrier();
  if (c.wire == Wire::other_speed) port().restore_carrier(c.other_mbps);

  EXPECT_EQ(set({.rate = c.asked}), c.answer);

  EXPECT_EQ(reported().rate, c.reported);
  EXPECT_EQ(port().programmed(0), c.programmed);
}

INSTANTIATE_TEST_SUITE_P(All, ModelRates, testing::ValuesIn(kCases), [](const auto& at) {
  return std::string(at.param.model) + "_" + std::to_string(at.index);
});

using ModelRatesLater = ModelTest;

TEST_F(ModelRatesLater, IceRefusesZeroWhileTheOthersFloorsExceedTheSpeed) {
  plug("ice");
  ASSERT_EQ(set({.rate = rate(5'000, 0)}, 1), 0);
  port().lose_carrier();

  EXPECT_EQ(set({.vlan = VlanTag{.id = 7}, .rate = Rate()}), EINVAL);

  EXPECT_EQ(reported().vlan, VlanTag{.id = 7});
  EXPECT_EQ(set({.rate = Rate()}, 1), 0) << "its own floor is none of the others'";
}

TEST_F(ModelRatesLater, IceLosesTheRateOfAVfThatWasResetWithoutCarrier) {
  plug("ice");
  ASSERT_EQ(set({.rate = ceiling(10'000)}), 0);
  port().lose_carrier();
  ASSERT_EQ(set({.trust = true}), 0);
  port().restore_carrier();

  EXPECT_EQ(reported().rate, ceiling(10'000));
  EXPECT_EQ(port().programmed(0), Rate());
  EXPECT_EQ(set({.rate = ceiling(10'000)}), 0);
  EXPECT_EQ(port().programmed(0), Rate()) << "an equal rate is not written";
  EXPECT_EQ(set({.rate = Rate()}), 0);
  EXPECT_EQ(set({.rate = ceiling(10'000)}), 0);
  EXPECT_EQ(port().programmed(0), ceiling(10'000));
}

TEST_F(ModelRatesLater, I40eMakesOneCreditUnlimitedInAReset) {
  plug("i40e");
  ASSERT_EQ(set({.rate = ceiling(30)}), 0);
  port().reset_vf(0);
  port().settle();
  EXPECT_EQ(reported().rate, ceiling(30));
  EXPECT_EQ(port().programmed(0), Rate());
}

TEST_F(ModelRatesLater, Mlx5ReportsWhatAReloadLost) {
  plug("mlx5");
  ASSERT_EQ(set({.mac = mac(1), .vlan = VlanTag{.id = 7}, .rate = ceiling(100)}), 0);
  port().reset();
  EXPECT_EQ(reported().rate, Rate());
  EXPECT_EQ(port().programmed(0), Rate());
  EXPECT_EQ(reported().vlan, VlanTag{.id = 7});
  EXPECT_EQ(reported().mac, mac(1));
}

TEST_F(ModelRatesLater, BnxtLosesALoneFloorAndReportsIt) {
  plug("bnxt_en");
  ASSERT_EQ(set({.rate = rate(1'000, 0)}, 0), 0);
  ASSERT_EQ(set({.rate = rate(1'000, 2'000)}, 1), 0);
  port().reset();
  EXPECT_EQ(reported(0).rate, rate(1'000, 0));
  EXPECT_EQ(port().programmed(0), Rate());
  EXPECT_EQ(set({.rate = rate(1'000, 0)}, 0), 0);
  EXPECT_EQ(port().programmed(0), Rate());
  EXPECT_EQ(port().programmed(1), rate(1'000, 2'000));
}

TEST_F(ModelRatesLater, IgbAndIxgbeZeroRatesAtAnotherSpeed) {
  for (const char* const model : {"igb", "ixgbe"}) {
    plug(model);
    ASSERT_EQ(set({.rate = ceiling(90)}), 0);
    port().lose_carrier();
    port().restore_carrier();
    EXPECT_EQ(port().programmed(0), ceiling(90)) << model;
    port().lose_carrier();
    port().restore_carrier(100);
    EXPECT_EQ(reported().rate, Rate()) << model;
    EXPECT_EQ(port().programmed(0), Rate()) << model;
  }
}

TEST_F(ModelRatesLater, QedeStaysClampedWhenTheLinkIsFastAgain) {
  plug("qede");
  ASSERT_EQ(set({.rate = ceiling(20'000)}), 0);
  port().lose_carrier();
  port().restore_carrier(10'000);
  port().lose_carrier();
  port().restore_carrier(25'000);
  EXPECT_EQ(reported().rate, ceiling(10'000));
}

}  // namespace
}  // namespace sluice
