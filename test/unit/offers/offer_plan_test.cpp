#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/offers/offer_plan_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST_F(OfferPlanTest, D24_WeightsDivideAPortThatTheyFillExactly) {
  node_.add_port({});
  add_metals();
  const OfferPlan plan = node_.plan();
  EXPECT_THAT(counts(plan.offers),
              ElementsAre(Pair("bronze", 4), Pair("gold", 1), Pair("silver", 2)));
  ASSERT_THAT(plan.unoffered, SizeIs(1));
  EXPECT_EQ(plan.unoffered[0].reason, WhyNot::no_bandwidth);
  EXPECT_THAT(plan.unoffered[0].vfs, ElementsAre(OfferNode::vf(0, 7)));
  EXPECT_EQ(
      plan.unoffered[0].text,
      "gold: needs 40 Gbit/s, 0 bit/s of 100 Gbit/s free; silver: needs 20 Gbit/s, 0 bit/s of "
      "100 Gbit/s free; bronze: needs 5 Gbit/s, 0 bit/s of 100 Gbit/s free");
}

TEST_F(OfferPlanTest, D24_TwoPortsAreFilledAlikeOnBothNumaNodes) {
  node_.add_port({.numa = 0});
  node_.add_port({.numa = 1});
  add_metals();
  const OfferPlan plan = node_.plan();
  for (const std::size_t port : {0U, 1U}) {
    EXPECT_THAT(counts(plan.offers, OfferNode::port_name(port)),
                ElementsAre(Pair("bronze", 4), Pair("gold", 1), Pair("silver", 2)));
  }
}

TEST_F(OfferPlanTest, D15_VfsBeyondTheBandwidthAreNotOffered) {
  node_.add_port({.vfs = 16});
  node_.add_class("gold", BitRate::gbps(30));
  EXPECT_THAT(node_.plan().offers, SizeIs(3));
}

TEST_F(OfferPlanTest, SpreadsOverNumaNodesBeforePorts) {
  node_.add_port({.numa = 0});
  node_.add_port({.numa = 0});
  node_.add_port({.numa = 1});
  node_.add_class("gold", BitRate::gbps(10)).max = 4;
  const std::vector<Offer> offers = node_.plan().offers;
  EXPECT_THAT(counts(offers, OfferNode::port_name(0)), ElementsAre(Pair("gold", 1)));
  EXPECT_THAT(counts(offers, OfferNode::port_name(1)), ElementsAre(Pair("gold", 1)));
  EXPECT_THAT(counts(offers, OfferNode::port_name(2)), ElementsAre(Pair("gold", 2)));
}

TEST_F(OfferPlanTest, MinimumsComeBeforeWeights) {
  node_.add_port({});
  node_.add_class("gold", BitRate::gbps(40)).min = 2;
  node_.add_class("bronze", BitRate::gbps(5), 1000);
  const OfferPlan plan = node_.plan();
  EXPECT_THAT(counts(plan.offers), ElementsAre(Pair("bronze", 4), Pair("gold", 2)));
  EXPECT_FALSE(plan.classes[0].is_short());
}

TEST_F(OfferPlanTest, AMinimumThatNeedsWholePortsIsNotSpoiledByASmallOne) {
  node_.add_port({});
  node_.add_port({});
  node_.add_class("bronze", BitRate::gbps(10)).min = 4;
  node_.add_class("gold", BitRate::gbps(60)).min = 2;
  const OfferPlan plan = node_.plan();
  EXPECT_THAT(counts(plan.offers), ElementsAre(Pair("bronze", 8), Pair("gold", 2)));
}

TEST_F(OfferPlanTest, AMinimumThatCannotBeReachedSpoilsNoOther) {
  node_.add_port({});
  node_.add_class("bronze", BitRate::gbps(5)).min = 1000;
  node_.add_class("gold", BitRate::gbps(60)).min = 1;
  const OfferPlan plan = node_.plan();
  EXPECT_THAT(counts(plan.offers), ElementsAre(Pair("bronze", 7), Pair("gold", 1)));
  EXPECT_TRUE(plan.classes[0].is_short());
  EXPECT_EQ(plan.classes[0].offered, 7);
  EXPECT_FALSE(plan.classes[1].is_short());
}

TEST_F(OfferPlanTest, MaximumsHoldAndAreGivenAsTheReason) {
  node_.add_port({.vfs = 3});
  node_.add_class("gold", BitRate::gbps(1)).max = 2;
  EXPECT_THAT(node_.plan().offers, SizeIs(2));
  EXPECT_EQ(why(OfferNode::vf(0, 2)), "at maximum: gold: has its maximum of 2");
}

TEST_F(OfferPlanTest, FixedRangesAreOneOptionOfTheSameMechanism) {
  node_.add_port({.vfs = 6});
  node_.add_class("any", BitRate::gbps(1));
  node_.add_class("fixed", BitRate::gbps(1)).select = {
      {.port = {}, .numa_node = {}, .vfs = *IndexSet::parse("0-1")}};
  const OfferPlan plan = node_.plan();
  EXPECT_THAT(counts(plan.offers), ElementsAre(Pair("any", 4), Pair("fixed", 2)));
  EXPECT_EQ(plan.offers[0].class_name, "fixed");
  EXPECT_EQ(plan.offers[1].class_name, "fixed");
}

TEST_F(OfferPlanTest, AClassThatMayGoAnywhereLeavesAPortToOneThatMayNot) {
  node_.add_port({.vfs = 4});
  node_.add_port({.vfs = 4});
  node_.add_class("any", BitRate::gbps(1));
  VfSelector first;
  first.port.link = "eth0";
  node_.add_class("here", BitRate::gbps(1)).select = {first};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("any", 4), Pair("here", 4)));
}

TEST_F(OfferPlanTest, AClassWithANetworkIsOfferedWhereTheNetworkIs) {
  node_.add_port({.vfs = 4});
  node_.add_port({.vfs = 4});
  node_.add_class("gold", BitRate::gbps(1)).network = "rail1";
  NetworkRule elsewhere{.name = "rail1"};
  elsewhere.select[0].port.link = "eth1";
  node_.networks_ = {{.name = "rail0"}, elsewhere};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("gold", 4)));
  EXPECT_EQ(why(OfferNode::vf(0, 0)), "not selected: no class selects it");
}

TEST_F(OfferPlanTest, AVfThatNoClassSelectsIsSaidToBe) {
  node_.add_port({.vfs = 1});
  node_.add_class("gold", {}).select = {{.port = {}, .numa_node = 7, .vfs = {}}};
  EXPECT_EQ(why(OfferNode::vf(0, 0)), "not selected: no class selects it");
}

TEST_F(OfferPlanTest, NothingIsPromisedThatADriverDoesNotKeep) {
  node_.add_port({.driver = "mlx4_core", .vfs = 2});
  node_.add_class("gold", BitRate::gbps(1));
  EXPECT_EQ(why(OfferNode::vf(0, 0)),
            "unsupported: gold: driver mlx4_core keeps no floors, 1 Gbit/s asked");
  node_.add_class("plain", {});
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("plain", 2)));
}

TEST_F(OfferPlanTest, OnEmulatedPortsEvenALaneWithoutAFloorCosts) {
  node_.add_port({.driver = "i40e", .line_rate = BitRate::gbps(1), .vfs = 32});
  node_.add_class("plain", {});
  // i40e's smallest ceiling is 50 Mbit/s, and ceilings never sum past the line rate.
  EXPECT_THAT(node_.plan().offers, SizeIs(20));
}

TEST_F(OfferPlanTest, ACeilingAboveTheLineRateIsNotOffered) {
  node_.add_port({.line_rate = BitRate::gbps(25), .vfs = 1});
  node_.add_class("gold", BitRate::gbps(10)).rate.ceiling = BitRate::gbps(50);
  EXPECT_EQ(why(OfferNode::vf(0, 0)),
            "unsupported: gold: ceiling 50 Gbit/s is above the line rate 25 Gbit/s");
}

TEST_F(OfferPlanTest, OtherSharesAndBlockedVfsAreLeftAloneWithTheirReasons) {
  OfferPort& port = node_.add_port({.vfs = 3});
  port.bandwidth = BitRate::gbps(50);
  port.outside = BitRate::gbps(20);
  port.vfs[0] = {OfferNode::vf(0, 0), 0, VfUse::foreign, "in the share of claims"};
  port.vfs[1] = {OfferNode::vf(0, 1), 1, VfUse::blocked, "no driver"};
  node_.add_class("gold", BitRate::gbps(40));
  EXPECT_EQ(why(OfferNode::vf(0, 0)), "foreign: in the share of claims");
  EXPECT_EQ(why(OfferNode::vf(0, 1)), "blocked: no driver");
  EXPECT_EQ(why(OfferNode::vf(0, 2)),
            "no bandwidth: gold: needs 40 Gbit/s, 30 Gbit/s of 50 Gbit/s free");
  node_.classes_[0].rate.floor = BitRate::gbps(30);
  EXPECT_THAT(node_.plan().offers, SizeIs(1));
}

TEST_F(OfferPlanTest, AnEmptyNodeOffersNothing) {
  EXPECT_THAT(node_.plan().offers, IsEmpty());
  node_.add_class("gold", {}).min = 1;
  EXPECT_TRUE(node_.plan().classes[0].is_short());
}

}  // namespace
}  // namespace sluice
