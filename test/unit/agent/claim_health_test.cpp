// What the kubelet and the scheduler are told of ports and VFs that no lane can be made of.
#include "agent/claims/claim_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/claims/claim_supply.h"
#include "dra/slices/port_device.h"
#include "pkg/inventory/scan.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

constexpr const char* kPort = "0000:3b:00.0";
const dra::DeviceName kDevice{.pool = "n", .device = "port-0000-3b-00-0"};

/// A port of four VFs, all for claims; the first is granted.
class ClaimHealthTest : public testing::Test {
 protected:
  ClaimHealthTest() {
    tree_.pf(kPort, {.vfs = 4});
    node_.config = std::make_shared<const Config>(
        parse_config(
            R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {}}}], "classes": []})")
            .config);
    aside_.grants = {
        {.uid = "u", .name = "ml/train", .pod_uid = "p", .vfs = {{.vf = vf(0), .port = kPort}}}};
  }

  static std::string vf(int index) { return SysfsTree::vf(kPort, index).to_string(); }

  void look() { node_.inventory = scan(tree_.root()).value(); }

  Vf& vf_of_inventory(int index) {
    return node_.inventory.ports[0].vfs[static_cast<std::size_t>(index)];
  }

  ClaimSupply supply() const {
    ClaimSupply supply =
        claim_supply(node_.inventory, *node_.config, node_.after, aside_, unfit_vfs(node_));
    mark_locked(node_.locked, supply);
    return supply;
  }

  std::vector<dra::ClaimPort> ports() const { return supply().ports; }

  dra::DeviceHealth health() const {
    return health_of("n", ports(), node_, aside_.grants).devices.at(kDevice);
  }

  std::vector<std::string> taints() const {
    std::vector<std::string> keys;
    for (const dra::Taint& taint : dra::taints_of(ports().at(0), "sluice.dev")) {
      keys.push_back(taint.key);
    }
    return keys;
  }

  void record(int index, std::vector<PortRecord>& records) const {
    LaneRecord lane;
    lane.id = vf(index);
    records = {
        {.port = kPort, .driver = "mlx5_core", .line_rate = BitRate::gbps(100), .lanes = {lane}}};
  }

  SysfsTree tree_;
  NodeState node_;
  SetAside aside_;
};

TEST_F(ClaimHealthTest, APortWithAllItsVfsIsHealthy) {
  look();
  EXPECT_EQ(health().health, dra::Health::healthy);
  EXPECT_EQ(health().message, "");
  EXPECT_THAT(taints(), IsEmpty());
  EXPECT_EQ(ports()[0].vfs, 4);
}

TEST_F(ClaimHealthTest, S9_APortWithoutCarrierIsUnhealthyAndTainted) {
  look();
  node_.inventory.ports[0].carrier = false;
  EXPECT_EQ(health().message, "port eth0 has no carrier");
  EXPECT_THAT(taints(), ElementsAre("sluice.dev/link-down"));
}

TEST_F(ClaimHealthTest, APortWithoutALinkIsUnhealthyAndTainted) {
  look();
  record(3, node_.after);
  node_.inventory.ports[0].state = PortState::away;
  node_.inventory.ports[0].line_rate.reset();
  EXPECT_EQ(health().health, dra::Health::unhealthy);
  EXPECT_EQ(health().message, "port 0000:3b:00.0 is in another network namespace");
  EXPECT_THAT(taints(), ElementsAre("sluice.dev/unusable"));
}

TEST_F(ClaimHealthTest, APortThatIsGoneIsUnhealthyForItsClaims) {
  look();
  node_.inventory.ports.clear();
  EXPECT_EQ(health().message,
            "port 0000:3b:00.0 is gone; VF 0000:3b:02.0 of claim ml/train: the port does not have "
            "it any more");
}

TEST_F(ClaimHealthTest, APortThatStaysLockedIsUnhealthyAndTaintedUntilItIsFree) {
  look();
  node_.locked = {{kPort, "has been locked for more than 10 s by process 4711 ('sluice')"}};
  EXPECT_EQ(health().health, dra::Health::unhealthy);
  EXPECT_EQ(health().message,
            "port eth0 has been locked for more than 10 s by process 4711 ('sluice')");
  EXPECT_THAT(taints(), ElementsAre("sluice.dev/unusable"));
  EXPECT_EQ(ports()[0].vfs, 4) << "they are there all the same";
  node_.locked.clear();
  EXPECT_EQ(health().health, dra::Health::healthy);
  EXPECT_THAT(taints(), IsEmpty());
}

TEST_F(ClaimHealthTest, OnALockedPortNoVfOfAClassIsToBeHadEither) {
  node_.config = std::make_shared<const Config>(
      parse_config(R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {}}}],
                       "classes": [{"name": "gold", "by": "claims", "floor": "1G"}]})")
          .config);
  look();
  ASSERT_FALSE(supply().vfs.empty());
  EXPECT_TRUE(supply().vfs[0].is_usable);
  node_.locked = {{kPort, "has been locked"}};
  for (const dra::ClaimVf& each : supply().vfs) EXPECT_FALSE(each.is_usable) << each.name;
}

TEST_F(ClaimHealthTest, AGrantedVfWithoutADriverIsNamedWithItsClaim) {
  look();
  vf_of_inventory(0).state = VfState::unbound;
  EXPECT_EQ(health().health, dra::Health::unhealthy);
  EXPECT_EQ(health().message, "VF 0000:3b:02.0 of claim ml/train: no driver is bound to it");
  EXPECT_EQ(ports()[0].vfs, 4);
  EXPECT_THAT(taints(), IsEmpty());
}

TEST_F(ClaimHealthTest, AGrantedVfThatAnotherProgramTookIsUnhealthy) {
  look();
  vf_of_inventory(0).state = VfState::away;
  EXPECT_EQ(health().message,
            "VF 0000:3b:02.0 of claim ml/train: another program has its link in another network "
            "namespace");
}

TEST_F(ClaimHealthTest, AFreeVfThatNoneCanGetIsNotOfferedToTheScheduler) {
  look();
  vf_of_inventory(1).state = VfState::away;
  vf_of_inventory(2).state = VfState::unbound;
  EXPECT_THAT(unfit_vfs(node_), ElementsAre(Key(vf(1)), Key(vf(2))));
  EXPECT_EQ(health().health, dra::Health::healthy);
  EXPECT_EQ(ports()[0].vfs, 2);
  EXPECT_EQ(ports()[0].share.free_vfs, 1);
}

TEST_F(ClaimHealthTest, AVfOnItsWayIsNoStrangers) {
  look();
  vf_of_inventory(1).state = VfState::away;
  record(1, node_.before);
  EXPECT_THAT(unfit_vfs(node_), IsEmpty());
  node_.before.clear();
  record(1, node_.after);
  EXPECT_THAT(unfit_vfs(node_), IsEmpty());
}

}  // namespace
}  // namespace sluice
