// What a plan makes of offers that pods wait for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/offers/offer_plan_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// Eight VFs of 100 Gbit/s, four for each of two classes by their weights.
class OfferPlanWanted : public OfferPlanTest {
 protected:
  OfferPlanWanted() {
    node_.add_port({.vfs = 8});
    node_.add_class("a", BitRate::gbps(10));
    node_.add_class("b", BitRate::gbps(10));
    node_.settle();
  }

  /// VFs of a class as it is offered now.
  std::vector<std::string> vfs_of(const std::string& name) const {
    std::vector<std::string> vfs;
    for (const Offer& offer : node_.current_) {
      if (offer.class_name == name) vfs.push_back(offer.vf);
    }
    return vfs;
  }
};

TEST_F(OfferPlanWanted, OffersGoToTheClassThatPodsWaitForAndBackByWeights) {
  node_.wanted_ = {{"a", 7}};
  EXPECT_THAT(counts(node_.settle().offers), ElementsAre(Pair("a", 7), Pair("b", 1)));
  EXPECT_THAT(counts(node_.settle().offers), ElementsAre(Pair("a", 7), Pair("b", 1)));
  node_.wanted_ = {};
  EXPECT_THAT(counts(node_.settle().offers), ElementsAre(Pair("a", 4), Pair("b", 4)));
}

TEST_F(OfferPlanWanted, WhatPodsHoldStaysWithThem) {
  node_.held_ = {vfs_of("b")[0], vfs_of("b")[1], vfs_of("b")[2]};
  node_.wanted_ = {{"a", 8}};
  EXPECT_THAT(counts(node_.settle().offers), ElementsAre(Pair("a", 5), Pair("b", 3)));
  node_.held_ = vfs_of("a");
  node_.wanted_ = {};
  EXPECT_THAT(counts(node_.settle().offers), ElementsAre(Pair("a", 5), Pair("b", 3)));
}

TEST_F(OfferPlanWanted, MinimumsAndMaximumsOfTheConfigurationHold) {
  node_.classes_[1].min = 3;
  node_.wanted_ = {{"a", 8}};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("a", 5), Pair("b", 3)));
  node_.classes_[0].max = 4;
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("a", 4), Pair("b", 4)));
}

TEST_F(OfferPlanWanted, MoreThanThereIsGetsWhatThereIs) {
  node_.wanted_ = {{"a", 1000}};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("a", 8)));
}

TEST_F(OfferPlanWanted, AClassThatIsNotServedHereChangesNothing) {
  node_.wanted_ = {{"gone", 8}};
  EXPECT_EQ(node_.plan().offers, node_.current_);
}

TEST_F(OfferPlanWanted, TheSumOfPromisesHolds) {
  node_.classes_[0].rate.floor = BitRate::gbps(30);
  node_.wanted_ = {{"a", 8}};
  EXPECT_THAT(counts(node_.plan().offers), ElementsAre(Pair("a", 3), Pair("b", 1)));
}

}  // namespace
}  // namespace sluice
