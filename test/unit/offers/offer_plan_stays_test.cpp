// What a plan makes of offers that are there already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/offers/offer_plan_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST_F(OfferPlanTest, ThePlanOfAPlanIsItself) {
  node_.add_port({});
  node_.add_port({.driver = "ice", .line_rate = BitRate::gbps(25)});
  add_metals();
  const std::vector<Offer> first = node_.settle().offers;
  EXPECT_EQ(node_.plan().offers, first);
}

TEST_F(OfferPlanTest, PodsComingAndGoingChangeNothing) {
  node_.add_port({});
  node_.add_port({});
  add_metals();
  const std::vector<Offer> first = node_.settle().offers;
  for (std::size_t i = 0; i < first.size(); ++i) {
    node_.held_ = {first[i].vf, first[(i * 5 + 3) % first.size()].vf};
    EXPECT_EQ(node_.plan().offers, first) << i;
  }
}

TEST_F(OfferPlanTest, ANewPortMovesNothingOnTheOld) {
  node_.add_port({});
  add_metals();
  const std::vector<Offer> first = node_.settle().offers;
  node_.add_port({});
  const std::vector<Offer> second = node_.plan().offers;
  EXPECT_EQ(std::vector<Offer>(second.begin(),
                               second.begin() + static_cast<std::ptrdiff_t>(first.size())),
            first);
  EXPECT_EQ(second.size(), 2 * first.size());
}

TEST_F(OfferPlanTest, OnlyAsManyMoveAsNewWeightsNeed) {
  node_.add_port({.vfs = 8});
  node_.add_class("a", BitRate::gbps(1), 1);
  node_.add_class("b", BitRate::gbps(1), 1);
  const std::vector<Offer> first = node_.settle().offers;
  node_.classes_[1].weight = 3;
  const std::vector<Offer> second = node_.plan().offers;
  EXPECT_THAT(counts(second), ElementsAre(Pair("a", 2), Pair("b", 6)));
  int moved = 0;
  for (std::size_t i = 0; i < first.size(); ++i) moved += first[i] == second[i] ? 0 : 1;
  EXPECT_EQ(moved, 2);
}

TEST_F(OfferPlanTest, AHeldVfNeverMovesAndTheOthersMakeUpForIt) {
  node_.add_port({.vfs = 4});
  node_.add_class("a", BitRate::gbps(1));
  node_.settle();
  for (const Offer& offer : node_.current_) node_.held_.push_back(offer.vf);
  node_.held_.pop_back();
  node_.add_class("b", BitRate::gbps(1));
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("a", 3), Pair("b", 1)));
}

TEST_F(OfferPlanTest, D29_AHeldVfOfAClassThatIsGoneStaysOfferedUntilItsPodEnds) {
  node_.add_port({.vfs = 2});
  node_.add_class("old", BitRate::gbps(60));
  const Offer offer = node_.settle().offers.front();
  node_.held_ = {offer.vf};
  node_.classes_[0].name = "new";

  OfferPlan plan = node_.plan();
  EXPECT_THAT(plan.offers, ElementsAre(offer));  // 60 of 100 are still promised.
  EXPECT_EQ(plan.classes.back().name, "old");
  node_.held_.clear();
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("new", 1)));
}

TEST_F(OfferPlanTest, D29_AHeldVfOfAPortThatIsGoneStaysOffered) {
  node_.add_port({.vfs = 2});
  node_.add_class("gold", BitRate::gbps(60));
  const Offer offer = node_.settle().offers.front();
  node_.held_ = {offer.vf};
  node_.ports_.clear();
  EXPECT_THAT(node_.plan().offers, ElementsAre(offer));
  node_.held_.clear();
  EXPECT_THAT(node_.plan().offers, IsEmpty());
}

TEST_F(OfferPlanTest, AHeldVfKeepsTheRateItWasGivenWith) {
  node_.add_port({.vfs = 2});
  node_.add_class("gold", BitRate::gbps(30));
  node_.settle();
  node_.held_ = {OfferNode::vf(0, 0)};
  node_.classes_[0].rate.floor = BitRate::gbps(50);
  const std::vector<Offer> offers = node_.plan().offers;
  ASSERT_THAT(offers, SizeIs(2));
  EXPECT_EQ(offers[0].rate.floor, BitRate::gbps(30));
  EXPECT_EQ(offers[1].rate.floor, BitRate::gbps(50));
}

TEST_F(OfferPlanTest, OffersThatStayDoNotBlockAFixedRange) {
  node_.add_port({.vfs = 4});
  node_.add_class("any", BitRate::gbps(1));
  node_.settle();
  node_.add_class("fixed", BitRate::gbps(1)).select = {
      {.port = {}, .numa_node = {}, .vfs = *IndexSet::parse("0-1")}};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("any", 2), Pair("fixed", 2)));
}

TEST_F(OfferPlanTest, APortWithoutCarrierKeepsItsOffersAndTheOthersTheirs) {
  node_.add_port({});
  node_.add_port({});
  add_metals();
  const std::vector<Offer> first = node_.settle().offers;
  node_.ports_[1].line_rate = {};
  node_.ports_[1].bandwidth = {};
  EXPECT_EQ(node_.plan().offers, first);
  EXPECT_EQ(why(OfferNode::vf(1, 7)), "no line rate: the line rate of the port is not known yet");
}

TEST_F(OfferPlanTest, AVfWithoutDriverForAWhileKeepsItsOffer) {
  node_.add_port({});
  add_metals();
  const std::vector<Offer> first = node_.settle().offers;
  for (OfferVf& vf : node_.ports_[0].vfs) vf.use = VfUse::blocked;
  EXPECT_EQ(node_.plan().offers, first);
}

TEST_F(OfferPlanTest, AFallenLineRateTakesBackWhatIsNotHeld) {
  node_.add_port({.vfs = 4});
  node_.add_class("gold", BitRate::gbps(20));
  node_.settle();
  node_.held_ = {OfferNode::vf(0, 2), OfferNode::vf(0, 3)};
  node_.ports_[0].line_rate = node_.ports_[0].bandwidth = BitRate::gbps(25);
  const std::vector<Offer> offers = node_.plan().offers;
  ASSERT_THAT(offers, SizeIs(2));
  EXPECT_EQ(offers[0].vf, OfferNode::vf(0, 2));
  EXPECT_EQ(offers[1].vf, OfferNode::vf(0, 3));
}

}  // namespace
}  // namespace sluice
