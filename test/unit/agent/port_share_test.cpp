#include "agent/grants/port_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/claims/claim_port.h"
#include "pkg/inventory/scan.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPort = "0000:3b:00.0";

/// A port of 100 Gbit/s: VFs 0 to 3 and 60 Gbit/s are for classes, VFs 4 to 7 and the rest for
/// claims.
class PortShareTest : public testing::Test {
 protected:
  static std::string vf(int index) { return SysfsTree::vf(kPort, index).to_string(); }

  static Config config(const std::string& shares) {
    return parse_config(R"({"ports": [{"select": {}, "vfs": 8, "shares": )" + shares +
                        R"(}], "classes": [{"name": "any"}]})")
        .config;
  }

  static LaneRecord lane(int index, BitRate floor) {
    LaneRecord lane;
    lane.id = vf(index);
    lane.phase = Phase::attached;
    lane.asked.floor = floor;
    return lane;
  }

  FrontEndShare share() const {
    return port_share(FrontEndName::claims, port_, config_, &record_, aside_);
  }

  static std::vector<int> indices(const std::vector<const Vf*>& vfs) {
    std::vector<int> all;
    for (const Vf* vf : vfs) all.push_back(vf->index);
    return all;
  }

  SysfsTree tree_;
  Port port_ =
      *scan_port(tree_.pf(kPort, {.vfs = 8}).root(), PciAddress::parse(kPort).value()).value();
  Config config_ = config(R"({"classes": {"vfs": 4, "bandwidth": "60%"}, "claims": {}})");
  PortRecord record_{.port = kPort, .driver = "mlx5_core"};
  SetAside aside_;
};

TEST_F(PortShareTest, IsTheVfsAndTheBandwidthThatTheConfigurationGivesClaims) {
  EXPECT_EQ(share().bandwidth, BitRate::gbps(40));
  EXPECT_EQ(share().promised, BitRate());
  EXPECT_THAT(indices(share().vfs), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(indices(share().free), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(share().leaving, IsEmpty());
}

TEST_F(PortShareTest, IsEmptyWhereNoneIsConfigured) {
  config_ = config(R"({"classes": {}})");
  EXPECT_THAT(share().vfs, IsEmpty());
  EXPECT_EQ(share().bandwidth, BitRate());
}

TEST_F(PortShareTest, GrantedVfsAreNotFreeAndCostTheirFloors) {
  aside_.grants = {{.uid = "c",
                    .name = "ml/a",
                    .vfs = {{.vf = vf(5), .port = kPort, .rate = {BitRate::gbps(10), {}}}}}};
  EXPECT_EQ(share().promised, BitRate::gbps(10));
  EXPECT_THAT(indices(share().free), ElementsAre(4, 6, 7));
}

TEST_F(PortShareTest, AVfThatItsPodHasNotGivenBackIsLeaving) {
  record_.lanes = {lane(4, BitRate::gbps(10))};
  EXPECT_EQ(share().promised, BitRate::gbps(10));
  EXPECT_THAT(indices(share().free), ElementsAre(5, 6, 7));
  EXPECT_THAT(indices(share().leaving), ElementsAre(4));
}

TEST_F(PortShareTest, OffersCostNothingWithinTheirOwnShare) {
  aside_.offers = {
      {.vf = vf(0), .port = kPort, .class_name = "any", .rate = {BitRate::gbps(60), {}}}};
  EXPECT_EQ(share().promised, BitRate());
}

// A NetworkAttachmentDefinition, say.
TEST_F(PortShareTest, WhatOthersHaveBeyondTheirSharesCostsClaims) {
  record_.lanes = {lane(0, BitRate::gbps(70))};
  EXPECT_EQ(share().promised, BitRate::gbps(10));
}

// Eighty are for lanes; of the rest no front end may promise anything.
TEST_F(PortShareTest, WhatIsKeptBackIsNotForOthersToUseUp) {
  config_ = config(
      R"({"classes": {"vfs": 4, "bandwidth": "40%"}, "claims": {"vfs": 4, "bandwidth": "40%"}})");
  record_.lanes = {lane(0, BitRate::gbps(45))};
  EXPECT_EQ(share().promised, BitRate::gbps(5));
}

// Its share has grown, and the offers of classes are yet to be withdrawn.
TEST_F(PortShareTest, DoesNotHaveWhatAnotherFrontEndStillOffers) {
  aside_.offers = {
      {.vf = vf(5), .port = kPort, .class_name = "any", .rate = {BitRate::gbps(10), {}}}};
  EXPECT_THAT(indices(share().vfs), ElementsAre(4, 6, 7));
  EXPECT_EQ(share().bandwidth, BitRate::gbps(30));
  EXPECT_EQ(share().promised, BitRate());
}

// Of several with one name any will do; one that is for some VFs alone may not be for the lane's.
TEST_F(PortShareTest, HasTheNetworksThatAreForAllOfItsVfs) {
  config_.networks = parse_config(R"({"networks": [
      {"name": "all"},
      {"name": "ours", "select": {"vfs": "4-7"}},
      {"name": "some", "select": {"vfs": "0-6"}},
      {"name": "halves", "select": {"vfs": "4-5"}},
      {"name": "elsewhere", "select": {"address": "0000:5e:00.0"}},
      {"name": "halves", "select": {"vfs": "6-7"}}]})")
                         .config.networks;
  EXPECT_THAT(share().networks, ElementsAre("all", "ours", "halves"));
  EXPECT_EQ(node_port(share()).networks, share().networks);
  config_.ports = config(R"({"classes": {}})").ports;
  EXPECT_THAT(share().networks, IsEmpty());
}

TEST_F(PortShareTest, IsPublishedWithWhatTheSchedulerChoosesBy) {
  port_.carrier = false;
  const dra::ClaimPort shown = published(share(), config_);
  EXPECT_EQ(shown.share.name, kPort);
  EXPECT_EQ(shown.share.usable, BitRate::gbps(40));
  EXPECT_EQ(shown.share.free_vfs, 4);
  EXPECT_EQ(shown.vfs, 4);
  EXPECT_FALSE(shown.carrier);
  EXPECT_EQ(shown.driver, "mlx5_core");
  EXPECT_EQ(shown.pcie_root, "pci0000:3a");
}

}  // namespace
}  // namespace sluice
