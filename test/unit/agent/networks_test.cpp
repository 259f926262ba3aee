#include "agent/config/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

constexpr const char* kFirst = "0000:3b:00.0";
constexpr const char* kSecond = "0000:5e:00.0";

class NetworksTest : public testing::Test {
 protected:
  NetworksTest() { tree_.pf(kFirst, {.vfs = 2}).pf(kSecond, {.vfs = 2}); }

  Result<std::vector<PodLane>> complete(const std::string& networks, std::vector<PodLane> lanes) {
    dir_.write("config.json",
               R"({"ports": [], "classes": [{"name": "gold"}, {"name": "fast", "network": "rail1"}],
                   "networks": )" +
                   networks + "}");
    LiveConfig config(dir_ / "config.json", dir_ / "lib", "gpu-1");
    TRY(config.load());
    const Dir sysfs(tree_.root());
    TRY(Networks(config, sysfs).complete(lanes));
    return lanes;
  }

  static PodLane lane(const char* port, const char* class_name) {
    return {.vf = SysfsTree::vf(port, 1), .class_name = class_name, .ifname = {}};
  }

  static constexpr const char* kRails =
      R"([{"name": "rail0", "node": "gpu-*", "select": {"link": "eth0"}, "mtu": 9000, "vlan": 7,
           "ipam": {"type": "host-local"}, "rules": true},
          {"name": "rail1", "node": "gpu-2", "mtu": 1400},
          {"name": "rail1", "select": {"link": "eth1"}, "mtu": 4000}])";

  SysfsTree tree_;
  TempDir dir_;
};

TEST_F(NetworksTest, ALaneIsInTheFirstNetworkThatSelectsItsVf) {
  ASSERT_OK_AND_ASSIGN(const auto lanes,
                       complete(kRails, {lane(kFirst, "gold"), lane(kSecond, "gold")}));
  ASSERT_TRUE(lanes[0].network);
  EXPECT_EQ(lanes[0].network->name, "rail0");
  EXPECT_THAT(lanes[0].network->cni, testing::HasSubstr(R"("name":"sluice-rail0")"));
  EXPECT_EQ(lanes[0].network->mtu, 9000);
  EXPECT_THAT(lanes[0].network->cni, testing::HasSubstr(R"("rules":true)"));
  EXPECT_EQ(lanes[0].settings.vlan, VlanTag{.id = 7});
  ASSERT_TRUE(lanes[1].network);
  EXPECT_EQ(lanes[1].network->mtu, 4000);
  EXPECT_EQ(lanes[1].network->cni, "");
}

TEST_F(NetworksTest, AClassMayNameIts) {
  ASSERT_OK_AND_ASSIGN(const auto lanes, complete(kRails, {lane(kSecond, "fast")}));
  EXPECT_EQ(lanes[0].network->mtu, 4000);
  EXPECT_THAT(complete(kRails, {lane(kFirst, "fast")}),
              FailsWith(Code::invalid_argument,
                        "class 'fast' wants network 'rail1', which is not for VF 0000:3b:02.1 of "
                        "port 0000:3b:00.0 (eth0) here"));
}

TEST_F(NetworksTest, ALaneOfNoNetworkStaysAsItIs) {
  const std::vector<PodLane> asked = {lane(kFirst, "gold")};
  EXPECT_EQ(complete(R"([{"name": "rail1", "select": {"link": "other"}}])", asked).value(), asked);
}

TEST_F(NetworksTest, WhatAFrontEndSaidGoesBefore) {
  PodLane asked = lane(kFirst, "gold");
  asked.settings.vlan = VlanTag{.id = 9};
  EXPECT_EQ(complete(kRails, {asked}).value()[0].settings.vlan, VlanTag{.id = 9});
  asked.network = LaneNetwork{.name = "mine"};
  EXPECT_EQ(complete(kRails, {asked}).value()[0], asked);
}

}  // namespace
}  // namespace sluice
