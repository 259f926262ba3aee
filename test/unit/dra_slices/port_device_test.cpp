#include "dra/slices/port_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/bandwidth/admission.h"
#include "test/support/result_matchers.h"
#include "test/unit/dra_slices/claim_world.h"

namespace sluice::dra {
namespace {

constexpr std::uint64_t kM = 1'000'000;

Result<Device> made(const ClaimPort& port) {
  Omissions omissions;
  return port_device(port, "sluice.dev", omissions);
}

ClaimPort with_driver(const std::string& driver, BitRate line_rate, BitRate usable) {
  ClaimPort port = igb_port();
  port.driver = driver;
  port.share.driver = driver;
  port.share.line_rate = line_rate;
  port.share.usable = usable;
  return port;
}

struct Bandwidth {
  std::string driver;
  std::uint64_t line_mbps;
  std::uint64_t usable_mbps;
  ValidRange range;
};

class PublishedBandwidth : public testing::TestWithParam<Bandwidth> {};

TEST_P(PublishedBandwidth, IsInStepsOfTheDriver) {
  const Bandwidth& given = GetParam();
  const BitRate usable = BitRate::mbps(given.usable_mbps);
  ASSERT_OK_AND_ASSIGN(const Device device,
                       made(with_driver(given.driver, BitRate::mbps(given.line_mbps), usable)));
  const Capacity& bandwidth = device.capacity.at(kBandwidth);

  EXPECT_EQ(bandwidth.value, usable.as_bits_per_second());
  EXPECT_EQ(bandwidth.policy->otherwise, given.range.min);
  EXPECT_EQ(bandwidth.policy->valid_range, given.range);
}

INSTANTIATE_TEST_SUITE_P(
    Ports, PublishedBandwidth,
    testing::Values(Bandwidth{"mlx5_core", 100'000, 40'000, {kM, 40'000 * kM, kM}},
                    Bandwidth{"igb", 1'000, 500, {kM, 500 * kM, kM}},
                    Bandwidth{"i40e", 10'000, 4'030, {50 * kM, 4'000 * kM, 50 * kM}},
                    Bandwidth{"ixgbe", 10'000, 5'000, {11 * kM, 5'000 * kM, kM}},
                    Bandwidth{"be2net", 10'000, 9'999, {400 * kM, 9'600 * kM, 400 * kM}},
                    Bandwidth{"ice", 200'000, 150'000, {kM, 100'000 * kM, kM}},
                    Bandwidth{"nfp", 100'000, 80'000, {kM, 65'534 * kM, kM}},
                    Bandwidth{"htb", 1'000, 500, {1000, 500 * kM, 1000}},
                    // A single step: the server wants none then.
                    Bandwidth{"i40e", 10'000, 50, {50 * kM, 50 * kM, 0}},
                    Bandwidth{"i40e", 10'000, 99, {50 * kM, 50 * kM, 0}}),
    [](const auto& tested) {
      return fmt::format("{}_{}", tested.param.driver, tested.param.usable_mbps);
    });

// What the scheduler rounds a request to is what the lane costs, so that both books agree.
TEST(PublishedBandwidth, CostsTheLaneWhatTheSchedulerCounts) {
  for (const DriverCapability& capability : known_drivers()) {
    const BitRate line_rate =
        capability.only_at.is_zero() ? BitRate::gbps(100) : capability.only_at;
    const auto device =
        made(with_driver(std::string(capability.driver), line_rate, BitRate::gbps(9)));
    ASSERT_THAT(device, IsOk()) << capability.driver;
    if (device->capacity.count(kBandwidth) == 0) continue;
    const ValidRange range = *device->capacity.at(kBandwidth).policy->valid_range;
    for (const std::uint64_t each : {range.min, range.min + range.step, range.max}) {
      const BitRate floor = BitRate::bits_per_second(each);
      EXPECT_EQ(effective_promise(capability, floor), floor) << capability.driver;
      EXPECT_THAT(validate(capability, line_rate, {.floor = floor, .ceiling = {}}), IsOk());
    }
  }
}

TEST(PortDevice, WithoutFloorsHasNoBandwidthToClaim) {
  ASSERT_OK_AND_ASSIGN(const Device device, made(infiniband_port()));
  EXPECT_EQ(device.capacity.count(kBandwidth), 0u);
  EXPECT_EQ(device.capacity.at(kVfs).value, 16u);
  EXPECT_EQ(device.attributes.at("floorEnforcement"), AttributeValue("none"));
}

TEST(PortDevice, GivesOneVfToAClaim) {
  ASSERT_OK_AND_ASSIGN(const Device device, made(mlx5_port()));
  EXPECT_TRUE(device.is_shared);
  EXPECT_EQ(
      device.capacity.at(kVfs),
      (Capacity{.value = 8,
                .policy = RequestPolicy{.otherwise = 1, .valid_values = {1}, .valid_range = {}}}));
}

TEST(PortDevice, IsNoneWhereNoLaneCanBe) {
  ClaimPort port = mlx5_port();
  port.vfs = 0;
  EXPECT_THAT(made(port), FailsWith(Code::not_found, "no VF is for claims"));

  EXPECT_THAT(
      made(with_driver("i40e", BitRate::gbps(10), BitRate::mbps(49))),
      FailsWith(Code::exhausted, "claims may be promised 49 Mbit/s, the least floor is 50 Mbit/s"));
  EXPECT_THAT(made(with_driver("ixgbe", BitRate::gbps(1), BitRate::mbps(500))),
              FailsWith(Code::unsupported, "driver ixgbe limits only at 10 Gbit/s"));
  EXPECT_THAT(made(with_driver("mlx5_core", BitRate(), BitRate())),
              FailsWith(Code::busy, "no carrier, its line rate is unknown"));
}

TEST(PortDevice, KeepsClaimsAwayWhileItsLinkIsDown) {
  ClaimPort port = mlx5_port();
  EXPECT_TRUE(made(port)->taints.empty());

  port.carrier = false;
  ASSERT_OK_AND_ASSIGN(const Device down, made(port));
  EXPECT_THAT(
      down.taints,
      testing::ElementsAre(Taint{
          .key = "sluice.dev/link-down", .value = {}, .effect = "NoSchedule", .time_added = {}}));
  EXPECT_EQ(down.attributes.at("carrier"), AttributeValue(false));
}

TEST(PortDevice, S9_SaysThatMoreIsPromisedThanASlowerWireCarries) {
  ClaimPort port = mlx5_port();
  port.share.promised = BitRate::gbps(40);
  EXPECT_TRUE(made(port)->taints.empty());

  port.share.line_rate = BitRate::gbps(25);
  port.share.usable = BitRate::gbps(25);
  ASSERT_OK_AND_ASSIGN(const Device slower, made(port));
  EXPECT_EQ(slower.capacity.at(kBandwidth).value, 25'000 * kM);
  EXPECT_EQ(slower.attributes.at("lineRateMbps"), AttributeValue(std::int64_t{25'000}));
  ASSERT_EQ(slower.taints.size(), 1u);
  EXPECT_EQ(slower.taints[0].key, "sluice.dev/overcommitted");
}

TEST(PortDevice, OfAnUplinkHasNoPciAddress) {
  ClaimPort port = with_driver("htb", BitRate::gbps(1), BitRate::gbps(1));
  port.share.name = "eth0";
  ASSERT_OK_AND_ASSIGN(const Device device, made(port));
  EXPECT_EQ(device.name, "link-eth0");
  EXPECT_EQ(device.attributes.count("resource.kubernetes.io/pciBusID"), 0u);
}

}  // namespace
}  // namespace sluice::dra
