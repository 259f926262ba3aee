#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "pkg/netlink/devlink.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// Two devices with two VFs each, without rates and nodes: one in switchdev mode, one in legacy.
/// Their links carry 5 Gbit/s or more, as netdevsim says of its own.
struct DevlinkWorld {
  std::unique_ptr<Devlink> devlink;
  DevlinkDevice device;
  DevlinkDevice legacy;
  std::string skip;  ///< Why this world cannot be had; empty where it can.
};

class DevlinkContract : public testing::TestWithParam<std::function<DevlinkWorld()>> {
 protected:
  static constexpr std::uint32_t kNoSuchPort = 4711;

  void SetUp() override {
    world_ = GetParam()();
    if (!world_.skip.empty()) GTEST_SKIP() << world_.skip;
    ASSERT_OK_AND_ASSIGN(const auto ports, devlink().vf_ports(world_.device));
    ASSERT_TRUE(ports.contains(1));
    port_ = ports.at(1);
  }

  Devlink& devlink() const { return *world_.devlink; }

  RateObject leaf() const { return devlink().leaf(world_.device, port_).value().value(); }

  RateObject node(const char* name) const {
    return devlink().node(world_.device, name).value().value();
  }

  const DevlinkDevice missing_{.bus = "pci", .name = "ffff:ff:1f.7"};
  DevlinkWorld world_;
  std::uint32_t port_ = 0;  // Of VF 1.
};

TEST_P(DevlinkContract, TellsTheModesApart) {
  ASSERT_OK_AND_ASSIGN(const auto mode, devlink().eswitch_mode(world_.device));
  EXPECT_EQ(mode, EswitchMode::switchdev);
  ASSERT_OK_AND_ASSIGN(const auto legacy, devlink().eswitch_mode(world_.legacy));
  EXPECT_EQ(legacy, EswitchMode::legacy);
}

TEST_P(DevlinkContract, MissingDeviceHasNothing) {
  ASSERT_OK_AND_ASSIGN(const auto mode, devlink().eswitch_mode(missing_));
  EXPECT_EQ(mode, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto rates, devlink().rates(missing_));
  EXPECT_THAT(rates, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto ports, devlink().vf_ports(missing_));
  EXPECT_THAT(ports, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto leaf, devlink().leaf(missing_, 1));
  EXPECT_EQ(leaf, std::nullopt);
}

TEST_P(DevlinkContract, MissingObjectsAreNotFound) {
  const RateChange change{.tx_max = BitRate::gbps(1)};
  EXPECT_THAT(devlink().set_leaf(missing_, 1, change),
              FailsWith(Code::not_found, "set rate leaf pci/ffff:ff:1f.7/1"));
  EXPECT_THAT(devlink().set_leaf(world_.device, kNoSuchPort, change),
              FailsWith(Code::not_found, "/4711"));
  EXPECT_THAT(devlink().set_node(world_.device, "nosuch", change),
              FailsWith(Code::not_found, "set rate node"));
  EXPECT_THAT(devlink().delete_node(world_.device, "nosuch"),
              FailsWith(Code::not_found, "delete rate node"));
  ASSERT_OK_AND_ASSIGN(const auto leaf, devlink().leaf(world_.device, kNoSuchPort));
  EXPECT_EQ(leaf, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto node, devlink().node(world_.device, "nosuch"));
  EXPECT_EQ(node, std::nullopt);
}

TEST_P(DevlinkContract, EachVfHasAPortOfItsOwn) {
  ASSERT_OK_AND_ASSIGN(const auto ports, devlink().vf_ports(world_.device));
  EXPECT_THAT(ports,
              testing::ElementsAre(testing::Pair(0, testing::Ne(port_)), testing::Pair(1, port_)));
}

TEST_P(DevlinkContract, LegacyDeviceHasNoRateObjects) {
  ASSERT_OK_AND_ASSIGN(const auto ports, devlink().vf_ports(world_.legacy));
  EXPECT_THAT(ports, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto rates, devlink().rates(world_.legacy));
  EXPECT_THAT(rates, testing::IsEmpty());
  EXPECT_THAT(devlink().create_node(world_.legacy, "lane"),
              FailsWith(Code::unsupported, "create rate node"));
}

TEST_P(DevlinkContract, LeafStartsWithoutLimits) {
  EXPECT_EQ(leaf(), RateObject{.port = port_});
}

TEST_P(DevlinkContract, LeafKeepsWhatAChangeDoesNotName) {
  ASSERT_THAT(devlink().set_leaf(world_.device, port_,
                                 {.tx_share = BitRate::mbps(7), .tx_max = BitRate::gbps(3)}),
              IsOk());
  EXPECT_EQ(leaf(),
            (RateObject{.port = port_, .tx_share = BitRate::mbps(7), .tx_max = BitRate::gbps(3)}));
  ASSERT_THAT(devlink().set_leaf(world_.device, port_, {.tx_max = BitRate::gbps(2)}), IsOk());
  EXPECT_EQ(leaf(),
            (RateObject{.port = port_, .tx_share = BitRate::mbps(7), .tx_max = BitRate::gbps(2)}));
  ASSERT_THAT(
      devlink().set_leaf(world_.device, port_, {.tx_share = BitRate(), .tx_max = BitRate()}),
      IsOk());
  EXPECT_EQ(leaf(), RateObject{.port = port_});
}

TEST_P(DevlinkContract, RefusesWhatTheHardwareCannotCount) {
  const BitRate odd = BitRate::bits_per_second(1'500'000);
  EXPECT_THAT(devlink().set_leaf(world_.device, port_, {.tx_share = odd}),
              FailsWith(Code::invalid_argument, "1.5 Mbit/s is no multiple of 1 Mbit/s"));
  EXPECT_THAT(devlink().set_leaf(world_.device, port_, {.tx_max = odd}),
              FailsWith(Code::invalid_argument, "1.5 Mbit/s is no multiple of 1 Mbit/s"));
  EXPECT_EQ(leaf(), RateObject{.port = port_});
}

TEST_P(DevlinkContract, NodeLivesFromCreateToDelete) {
  ASSERT_THAT(devlink().create_node(world_.device, "lane"), IsOk());
  EXPECT_THAT(devlink().create_node(world_.device, "lane"),
              FailsWith(Code::already_exists, "create rate node"));
  ASSERT_THAT(devlink().set_node(world_.device, "lane", {.tx_max = BitRate::gbps(4)}), IsOk());
  EXPECT_EQ(node("lane"), (RateObject{.node = "lane", .tx_max = BitRate::gbps(4)}));
  ASSERT_THAT(devlink().delete_node(world_.device, "lane"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto gone, devlink().node(world_.device, "lane"));
  EXPECT_EQ(gone, std::nullopt);
}

TEST_P(DevlinkContract, NodeWithChildrenIsBusy) {
  ASSERT_THAT(devlink().create_node(world_.device, "lane"), IsOk());
  ASSERT_THAT(devlink().set_leaf(world_.device, port_, {.parent = "lane"}), IsOk());
  EXPECT_EQ(leaf().parent, "lane");
  EXPECT_THAT(devlink().delete_node(world_.device, "lane"),
              FailsWith(Code::busy, "delete rate node"));
  ASSERT_THAT(devlink().set_leaf(world_.device, port_, {.parent = ""}), IsOk());
  EXPECT_EQ(leaf().parent, "");
  EXPECT_THAT(devlink().delete_node(world_.device, "lane"), IsOk());
}

TEST_P(DevlinkContract, MissingParentIsNotFound) {
  EXPECT_THAT(devlink().set_leaf(world_.device, port_, {.parent = "nosuch"}),
              FailsWith(Code::not_found, "set rate leaf"));
}

TEST_P(DevlinkContract, ListHasLeavesAndNodes) {
  ASSERT_THAT(devlink().create_node(world_.device, "lane"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto rates, devlink().rates(world_.device));
  EXPECT_THAT(rates, testing::SizeIs(3));
  EXPECT_THAT(rates, testing::Contains(RateObject{.port = port_}));
  EXPECT_THAT(rates, testing::Contains(RateObject{.node = "lane"}));
  EXPECT_THAT(devlink().delete_node(world_.device, "lane"), IsOk());
}

}  // namespace sluice
