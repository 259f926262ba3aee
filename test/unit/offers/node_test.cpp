#include "pkg/offers/node.h"

namespace sluice {
namespace {

using testing::ElementsAre;

/// A port of 100 Gbit/s with four VFs, the last two of them the claims'.
class OfferNodeTest : public testing::Test {
 protected:
  OfferNodeTest() {
    Port port;
    port.address = *PciAddress::parse("0000:3b:00.0");
    port.driver = "mlx5_core";
    port.line_rate = BitRate::gbps(100);
    port.link_type = LinkType::ethernet;
    for (int i = 0; i < 4; ++i) {
      Vf vf;
      vf.address = *PciAddress::parse(fmt::format("0000:3b:02.{}", i));
      vf.index = i;
      vf.state = VfState::ready;
      port.vfs.push_back(vf);
    }
    inventory_.ports = {port};
    config_ = parse_config(R"({"ports": [{"select": {}, "vfs": 4, "shares": {
        "classes": {"bandwidth": "60G"}, "claims": {"vfs": "2-3", "bandwidth": "40G"}}}]})")
                  .config;
  }

  void add_lane(int vf, std::uint64_t gbps, const std::string& class_name = "") {
    if (lanes_.empty()) {
      lanes_.push_back({.port = "0000:3b:00.0",
                        .driver = "mlx5_core",
                        .line_rate = BitRate::gbps(50),
                        .lanes = {}});
    }
    LaneRecord lane;
    lane.id = fmt::format("0000:3b:02.{}", vf);
    lane.owner.container_id = "c1";
    lane.class_name = class_name;
    lane.asked.floor = BitRate::gbps(gbps);
    lanes_[0].lanes.push_back(lane);
  }

  OfferPort port() const {
    return offer_ports(inventory_, config_, lanes_, {.offers = offers_}).front();
  }

  Inventory inventory_;
  Config config_;
  std::vector<PortRecord> lanes_;
  std::vector<Offer> offers_;
};

TEST_F(OfferNodeTest, J1_OnlyTheClassesShareCanBeOffered) {
  const OfferPort made = port();
  EXPECT_EQ(made.bandwidth, BitRate::gbps(60));
  EXPECT_EQ(made.outside, BitRate());
  EXPECT_EQ(made.vfs[0].use, VfUse::usable);
  EXPECT_EQ(made.vfs[2].use, VfUse::foreign);
  EXPECT_EQ(made.vfs[2].obstacle, "in the share of claims");
}

TEST_F(OfferNodeTest, APortWithoutARuleIsLeftAlone) {
  config_.ports.rules.clear();
  EXPECT_EQ(port().vfs[0].use, VfUse::foreign);
  EXPECT_EQ(port().vfs[0].obstacle, "no rule of the configuration selects the port");
  EXPECT_EQ(port().bandwidth, BitRate());
}

TEST_F(OfferNodeTest, LanesOutsideOffersBlockTheirVfAndCostTheirPromise) {
  add_lane(0, 10);
  const OfferPort made = port();
  EXPECT_EQ(made.vfs[0].use, VfUse::blocked);
  EXPECT_EQ(made.vfs[0].obstacle, "container c1 has it outside of offers");
  EXPECT_EQ(made.outside, BitRate::gbps(10));
}

TEST_F(OfferNodeTest, LanesOfOtherSharesCostNothingUntilTheirShareIsUsedUp) {
  add_lane(2, 30);
  EXPECT_EQ(port().outside, BitRate());
  add_lane(3, 30);
  EXPECT_EQ(port().outside, BitRate::gbps(20));
}

TEST_F(OfferNodeTest, LanesUnderOffersAreHeldAndCountedThere) {
  add_lane(0, 10, "gold");
  offers_ = with_lanes({}, lanes_);
  EXPECT_THAT(offers_, ElementsAre(Offer{.vf = "0000:3b:02.0",
                                         .port = "0000:3b:00.0",
                                         .class_name = "gold",
                                         .rate = {BitRate::gbps(10), {}}}));
  EXPECT_EQ(with_lanes(offers_, lanes_), offers_);
  EXPECT_THAT(held_by_lanes(lanes_, offers_), ElementsAre("0000:3b:02.0"));
  EXPECT_EQ(port().outside, BitRate());
}

TEST_F(OfferNodeTest, AVfThatCannotBeGivenIsBlockedWithTheReason) {
  const std::vector<std::pair<VfState, std::string>> states = {
      {VfState::away, "another program has its link in another namespace"},
      {VfState::unbound, "it has no driver"},
      {VfState::vfio, "it is bound to vfio-pci"},
      {VfState::pending, "it has no link"}};
  for (const auto& [state, obstacle] : states) {
    inventory_.ports[0].vfs[1].state = state;
    EXPECT_EQ(port().vfs[1].use, VfUse::blocked);
    EXPECT_EQ(port().vfs[1].obstacle, obstacle);
  }
}

TEST_F(OfferNodeTest, WithoutCarrierTheLineRateIsTheOneLastKnown) {
  inventory_.ports[0].line_rate = std::nullopt;
  EXPECT_FALSE(port().can_promise());
  add_lane(0, 1);
  EXPECT_EQ(port().line_rate, BitRate::gbps(50));
  EXPECT_EQ(port().bandwidth, BitRate::gbps(50)) << "less than the share";
}

}  // namespace
}  // namespace sluice
