#include "agent/claims/claim_supply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "agent/grants/port_share.h"
#include "dra/slices/device_name.h"
#include "pkg/inventory/scan.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kOther = "0000:5e:00.0";
constexpr const char* kDevice = "port-0000-3b-00-0";

/// One port of 100 Gbit/s or two, with eight VFs each, all for claims.
class ClaimSupplyTest : public testing::Test {
 protected:
  static std::string vf(int index, const char* port = kPort) {
    return SysfsTree::vf(port, index).to_string();
  }

  void add_port(const char* address) {
    tree_.pf(address, {.vfs = 8});
    inventory_ = scan(tree_.root()).value();
  }

  void configure(const std::string& classes) {
    const ParsedConfig parsed = parse_config(
        R"({"ports": [{"select": {}, "vfs": 8, "shares": {"claims": {}}}], "classes": )" + classes +
        "}");
    EXPECT_EQ(to_string(parsed.problems), "");
    config_ = parsed.config;
  }

  void hold(const std::string& device, int index, BitRate floor) {
    aside_.grants.push_back({.uid = "uid-" + vf(index),
                             .name = "ml/a",
                             .vfs = {{.vf = vf(index),
                                      .port = kPort,
                                      .device = device,
                                      .rate = {.floor = floor, .ceiling = {}}}}});
  }

  ClaimSupply supply() const { return claim_supply(inventory_, config_, {}, aside_, unfit_); }

  static std::vector<std::string> names(const ClaimSupply& supply, bool planned_only = false) {
    std::vector<std::string> names;
    for (const dra::ClaimVf& vf : supply.vfs) {
      if (planned_only && !vf.is_planned) continue;
      names.push_back(dra::vf_device_name(vf.name, vf.class_name));
    }
    return names;
  }

  SysfsTree tree_;
  Inventory inventory_;
  Config config_;
  std::map<std::string, std::string> unfit_;
  SetAside aside_;
};

TEST_F(ClaimSupplyTest, WhatAnnotatedPodsHoldIsNotTheClaims) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G", "by": "claims"}])");
  const ClaimSupply before = supply();
  hold("", 0, BitRate());
  aside_.grants.back().kind = Grant::Kind::pod;
  EXPECT_EQ(supply().vfs, before.vfs);
  EXPECT_EQ(supply().ports.at(0).for_classes, before.ports.at(0).for_classes);
}

TEST_F(ClaimSupplyTest, IsOneDeviceAPortWhereClaimsServeNoClass) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G"}])");
  const ClaimSupply all = supply();
  ASSERT_THAT(all.ports, SizeIs(1));
  EXPECT_EQ(all.ports[0].vfs, 8);
  EXPECT_EQ(all.ports[0].share.usable, BitRate::gbps(100));
  EXPECT_EQ(all.ports[0].for_classes, BitRate());
  EXPECT_THAT(all.vfs, IsEmpty());
  ASSERT_THAT(all.devices, SizeIs(1));
  EXPECT_EQ(all.devices.at(kDevice).vf, std::nullopt);
}

TEST_F(ClaimSupplyTest, WhatClassesAreDueIsNotTheDevicesOfThePort) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G", "max": 2, "by": "claims"}, {"name": "tin"}])");
  const ClaimSupply all = supply();
  EXPECT_EQ(all.ports[0].vfs, 6);
  EXPECT_EQ(all.ports[0].share.usable, BitRate::gbps(60));
  EXPECT_EQ(all.ports[0].for_classes, BitRate::gbps(40));
  EXPECT_THAT(names(all), ElementsAre("vf-0000-3b-02-0-gold", "vf-0000-3b-02-1-gold"));
  EXPECT_EQ(all.vfs[0].rate.floor, BitRate::gbps(20));
  EXPECT_EQ(all.most, (std::map<std::string, int>{{"gold", 2}}));
  EXPECT_TRUE(all.devices.at("vf-0000-3b-02-1-gold").is_set_aside);
  // Known, should a claim have it from earlier.
  EXPECT_FALSE(all.devices.at("vf-0000-3b-02-7-gold").is_set_aside);
}

TEST_F(ClaimSupplyTest, AVfIsThereUnderEveryClassAndPlannedUnderOne) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "40G", "max": 1, "by": "claims"},
                {"name": "tin", "floor": "10G", "max": 1, "by": "claims"}])");
  const ClaimSupply all = supply();
  EXPECT_THAT(names(all), ElementsAre("vf-0000-3b-02-0-gold", "vf-0000-3b-02-0-tin",
                                      "vf-0000-3b-02-1-gold", "vf-0000-3b-02-1-tin"));
  EXPECT_THAT(names(all, true), SizeIs(2));
  EXPECT_EQ(all.ports[0].for_classes, BitRate::gbps(50));
}

TEST_F(ClaimSupplyTest, ClassesWithoutABoundHaveTheWholeShare) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "30G", "by": "claims"}])");
  const ClaimSupply all = supply();
  EXPECT_EQ(all.ports[0].for_classes, BitRate::gbps(90));
  EXPECT_EQ(all.ports[0].vfs, 5);  // With the 10 Gbit/s that are no gold.
  configure(R"([{"name": "gold", "floor": "25G", "by": "claims"}])");
  const ClaimSupply full = supply();
  EXPECT_EQ(full.ports[0].for_classes, BitRate::gbps(100));
  EXPECT_EQ(full.ports[0].vfs, 0);
  // Any VF will do, four at a time.
  EXPECT_THAT(full.vfs, SizeIs(8));
  EXPECT_THAT(names(full, true), SizeIs(4));
}

TEST_F(ClaimSupplyTest, SelectorsAndNetworksOfAClassHoldForItsVfs) {
  add_port(kPort);
  configure(
      R"([{"name": "gold", "floor": "20G", "max": 3, "select": {"vfs": "6-7"}, "by": "claims"},
                {"name": "far", "network": "rail9", "by": "claims"}],
                "networks": [{"name": "rail9", "select": {"address": "0000:99:00.0"}}])");
  EXPECT_THAT(names(supply()), ElementsAre("vf-0000-3b-02-6-gold", "vf-0000-3b-02-7-gold"));
}

TEST_F(ClaimSupplyTest, PodsThatComeAndGoChangeNothing) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G", "max": 2, "by": "claims"}])");
  const ClaimSupply before = supply();
  hold(kDevice, 5, BitRate::gbps(60));
  hold("vf-0000-3b-02-0-gold", 0, BitRate::gbps(20));
  const ClaimSupply after = supply();
  EXPECT_EQ(after.vfs, before.vfs);
  EXPECT_EQ(after.ports[0].vfs, before.ports[0].vfs);
  EXPECT_EQ(after.ports[0].for_classes, before.ports[0].for_classes);
  EXPECT_EQ(after.ports[0].share.usable, before.ports[0].share.usable);
  EXPECT_EQ(after.ports[0].share.promised, BitRate::gbps(60));
}

// As after a change of the configuration.
TEST_F(ClaimSupplyTest, WhatSharesOfThePortHoldIsNoClasssUntilTheyGo) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G", "max": 2, "by": "claims"}])");
  hold(kDevice, 0, BitRate::gbps(90));
  const ClaimSupply all = supply();
  EXPECT_THAT(names(all), ElementsAre("vf-0000-3b-02-1-gold"));
  EXPECT_EQ(all.ports[0].for_classes, BitRate::gbps(10));
  EXPECT_EQ(all.ports[0].share.usable, BitRate::gbps(90));
  EXPECT_EQ(all.ports[0].vfs, 7);
}

TEST_F(ClaimSupplyTest, WhatAClassHoldsIsItsOwnUntilItGoes) {
  add_port(kPort);
  configure(R"([{"name": "gold", "floor": "20G", "max": 0, "by": "claims"},
                {"name": "tin", "floor": "10G", "max": 1, "by": "claims"}])");
  hold("vf-0000-3b-02-5-gold", 5, BitRate::gbps(20));
  const ClaimSupply all = supply();
  EXPECT_THAT(names(all, true), ElementsAre("vf-0000-3b-02-0-tin", "vf-0000-3b-02-5-gold"));
  EXPECT_EQ(all.ports[0].for_classes, BitRate::gbps(20));
  EXPECT_EQ(all.ports[0].vfs, 6);
}

TEST_F(ClaimSupplyTest, AnUnfitVfIsToldOf) {
  add_port(kPort);
  unfit_ = {{"0000:3b:02.0", "no driver is bound to it"}};
  add_port(kOther);
  configure(R"([{"name": "gold", "floor": "100G", "by": "claims"}])");
  const ClaimSupply all = supply();
  EXPECT_FALSE(all.vfs.front().is_usable);
  EXPECT_TRUE(all.vfs.back().is_usable);
  dra::HealthBook book;
  for (const char* const port : {kDevice, "port-0000-5e-00-0"}) {
    book.devices[{"n", port}] = {.health = dra::Health::healthy, .updated = {}, .message = {}};
  }
  add_health(all, unfit_, "n", book);
  const auto& odd = book.devices[{"n", "vf-0000-3b-02-0-gold"}];
  EXPECT_EQ(odd.health, dra::Health::unhealthy);
  EXPECT_EQ(odd.message, "VF 0000:3b:02.0: no driver is bound to it");
  EXPECT_EQ((book.devices[{"n", "vf-0000-5e-02-0-gold"}].health), dra::Health::healthy);
}

/// Whatever classes there are and whatever claims hold: what the scheduler can still give by either
/// way is not more than is there.
TEST_F(ClaimSupplyTest, NoBitAndNoVfIsPromisedTwice) {
  add_port(kPort);
  add_port(kOther);
  std::mt19937 random(11);
  const auto number = [&](int most) { return static_cast<int>(random() % (most + 1)); };
  for (int round = 0; round < 400; ++round) {
    std::string classes;
    for (int i = 0; i <= number(3); ++i) {
      classes += fmt::format(
          R"({}{{"name": "c{}", "by": "claims", "weight": {}{}{}}})", i == 0 ? "" : ", ", i,
          1 + number(3), number(3) == 0 ? "" : fmt::format(R"(, "floor": "{}G")", 1 + number(60)),
          number(1) == 0 ? "" : fmt::format(R"(, "max": {})", number(5)));
    }
    configure("[" + classes + "]");
    aside_.grants.clear();
    for (int i = 0; i < 8; ++i) {
      if (number(2) == 0) {
        hold(kDevice, i, BitRate::gbps(number(12)));
      } else if (number(3) == 0) {
        hold(dra::vf_device_name(vf(i), "c0"), i, BitRate::gbps(number(12)));
      }
    }
    const ClaimSupply all = supply();
    for (const dra::ClaimPort& port : all.ports) {
      BitRate by_device;
      BitRate by_classes;
      int shares = 0;
      for (const Grant& grant : aside_.grants) {
        if (port.share.name != kPort) continue;
        const bool is_share = grant.vfs[0].device == kDevice;
        (is_share ? by_device : by_classes) += grant.vfs[0].rate.floor;
        shares += is_share ? 1 : 0;
      }
      std::set<std::string> of_classes;
      std::map<std::string, int> planned;
      BitRate planned_cost;
      for (const dra::ClaimVf& vf : all.vfs) {
        if (vf.port != port.share.name) continue;
        of_classes.insert(vf.name);
        if (vf.is_planned) ++planned[vf.name];
        if (vf.is_planned) planned_cost += vf.rate.floor;
      }
      EXPECT_LE(port.for_classes + port.share.usable, BitRate::gbps(100)) << classes;
      EXPECT_GE(port.share.usable, by_device) << classes;
      EXPECT_GE(port.for_classes, by_classes) << classes;
      EXPECT_EQ(static_cast<std::size_t>(port.vfs) + of_classes.size(), 8U) << classes;
      EXPECT_GE(port.vfs, shares) << classes;
      for (const auto& [vf, times] : planned) EXPECT_EQ(times, 1) << vf << classes;
      if (aside_.grants.empty()) {
        EXPECT_LE(planned_cost, port.for_classes) << classes;
      }
    }
  }
}

}  // namespace
}  // namespace sluice
