#include "pkg/offers/moves.h"

#include "test/support/result_matchers.h"
#include "test/unit/offers/offer_node.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Move::Kind;

/// One port with two VFs of 100 Gbit/s together, moved between gold and silver.
class OfferMovesTest : public testing::Test {
 protected:
  OfferMovesTest() { node_.add_port({.vfs = 4}); }

  static Offer offer(int vf, const std::string& class_name, std::uint64_t gbps) {
    return {.vf = OfferNode::vf(0, vf),
            .port = OfferNode::port_name(0),
            .class_name = class_name,
            .rate = {.floor = BitRate::gbps(gbps), .ceiling = {}}};
  }

  static Offer withdrawn(Offer offer) {
    offer.state = OfferState::withdrawn;
    return offer;
  }

  /// Kubelet and API server know what is listed.
  void publish() {
    view_ = {};
    for (const Offer& offer : file_) {
      if (offer.state != OfferState::offered) continue;
      view_.kubelet.insert({offer.class_name, offer.vf});
      ++view_.published[offer.class_name];
    }
  }

  std::vector<Kind> step() {
    std::map<std::string, int> healthy;
    for (const Offer& offer : file_) {
      if (offer.state == OfferState::offered) ++healthy[offer.class_name];
    }
    const std::vector<OfferPort> ports(node_.ports_.begin(), node_.ports_.end());
    const MoveStep made = mover_.step({.current = file_,
                                       .desired = desired_,
                                       .ports = ports,
                                       .held = held_,
                                       .healthy = healthy,
                                       .view = is_readable_ ? &view_ : nullptr,
                                       .locked = locked_,
                                       .now = now_});
    file_ = made.offers;
    std::vector<Kind> kinds;
    for (const Move& move : made.moves) kinds.push_back(move.kind);
    return kinds;
  }

  OfferNode node_;
  OfferMover mover_;
  std::vector<Offer> file_;
  std::vector<Offer> desired_;
  std::vector<std::string> held_;
  KubernetesView view_;
  bool is_readable_ = true;
  std::set<std::string> locked_;
  MoveClock::time_point now_;
};

TEST_F(OfferMovesTest, ThePlanIsOfferedAtOnceOnAFreshNode) {
  desired_ = {offer(0, "gold", 60), offer(1, "silver", 40)};
  EXPECT_THAT(step(), ElementsAre(Kind::offered, Kind::offered));
  EXPECT_EQ(file_, desired_);
  EXPECT_THAT(step(), IsEmpty());
}

TEST_F(OfferMovesTest, AVfChangesItsClassInTwoSteps) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {offer(0, "silver", 40)};
  EXPECT_THAT(step(), ElementsAre(Kind::withdrawn));
  EXPECT_THAT(file_, ElementsAre(withdrawn(offer(0, "gold", 60))));
  EXPECT_TRUE(mover_.is_waiting());
  EXPECT_THAT(step(), IsEmpty());

  publish();
  EXPECT_THAT(step(), IsEmpty()) << "lists may still be on their way to kubelet";
  now_ += kListTime;
  EXPECT_EQ(mover_.longest_wait(now_), kListTime);
  EXPECT_THAT(step(), ElementsAre(Kind::gone, Kind::offered));
  EXPECT_EQ(file_, desired_);
  EXPECT_FALSE(mover_.is_waiting());
}

TEST_F(OfferMovesTest, NoPromiseGrowsOnAPortThatIsLocked) {
  file_ = {offer(0, "gold", 20)};
  publish();
  desired_ = {offer(0, "gold", 40), offer(1, "silver", 40)};
  locked_ = {OfferNode::port_name(0)};
  EXPECT_THAT(step(), IsEmpty());
  locked_ = {};
  EXPECT_THAT(step(), ElementsAre(Kind::rerated, Kind::offered));
}

TEST_F(OfferMovesTest, AWithdrawalBeginsOnlyWhenItCouldBeConfirmed) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {offer(0, "silver", 40)};
  is_readable_ = false;
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_TRUE(mover_.is_waiting());
  is_readable_ = true;
  EXPECT_THAT(step(), ElementsAre(Kind::withdrawn));
}

TEST_F(OfferMovesTest, D26_AnAllocateCancelsTheWithdrawal) {
  file_ = {offer(0, "bronze", 5)};
  publish();
  desired_ = {offer(0, "gold", 40)};
  step();

  const auto changed = take_offer(file_, "bronze", OfferNode::vf(0, 0));
  ASSERT_THAT(changed, IsOk());
  EXPECT_TRUE(*changed);
  held_ = {OfferNode::vf(0, 0)};
  publish();
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_THAT(file_, ElementsAre(offer(0, "bronze", 5)));
}

TEST_F(OfferMovesTest, D26_APodSeenOnlyAfterARestartCancelsItToo) {
  file_ = {withdrawn(offer(0, "bronze", 5))};
  desired_ = {offer(0, "gold", 40)};
  held_ = {OfferNode::vf(0, 0)};
  publish();
  EXPECT_THAT(step(), ElementsAre(Kind::cancelled));
  EXPECT_THAT(file_, ElementsAre(offer(0, "bronze", 5)));
}

TEST_F(OfferMovesTest, D27_NothingIsOfferedElsewhereWhileTheNodeStillShowsIt) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {offer(0, "silver", 40)};
  step();
  now_ += kListTime;
  view_.kubelet.clear();  // Kubelet knows, but has not published it.
  EXPECT_THAT(step(), IsEmpty());
  view_ = {.published = {}, .kubelet = {{"gold", OfferNode::vf(0, 0)}}};
  EXPECT_THAT(step(), IsEmpty()) << "published by chance, but kubelet could still hand it out";
}

TEST_F(OfferMovesTest, D27_WithoutConfirmationTheWithdrawalIsUndoneAndLeftForAWhile) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {offer(0, "silver", 40)};
  step();
  now_ += kWithdrawalTimeout;
  EXPECT_THAT(step(), ElementsAre(Kind::unconfirmed));
  EXPECT_THAT(file_, ElementsAre(offer(0, "gold", 60)));
  now_ += kWithdrawalPause - std::chrono::seconds(1);
  EXPECT_THAT(step(), IsEmpty());
  now_ += std::chrono::seconds(1);
  EXPECT_THAT(step(), ElementsAre(Kind::withdrawn));
}

TEST_F(OfferMovesTest, AWithdrawalThatIsNoLongerWantedIsCancelled) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {};
  step();
  desired_ = {offer(0, "gold", 60)};
  EXPECT_THAT(step(), ElementsAre(Kind::cancelled));
  EXPECT_EQ(file_, desired_);
}

TEST_F(OfferMovesTest, WhatIsWithdrawnCountsUntilItIsGone) {
  file_ = {offer(0, "gold", 60)};
  publish();
  desired_ = {offer(1, "silver", 50)};
  EXPECT_THAT(step(), ElementsAre(Kind::withdrawn));  // 60 + 50 is more than the port has.
  publish();
  now_ += kListTime;
  EXPECT_THAT(step(), ElementsAre(Kind::gone, Kind::offered));
  EXPECT_EQ(file_, desired_);
}

TEST_F(OfferMovesTest, AnotherRateOfTheSameClassNeedsNoWithdrawal) {
  file_ = {offer(0, "gold", 60), offer(1, "gold", 40)};
  publish();
  desired_ = {offer(0, "gold", 10), offer(1, "gold", 90)};
  EXPECT_THAT(step(), ElementsAre(Kind::rerated, Kind::rerated));
  EXPECT_EQ(file_, desired_);
}

TEST_F(OfferMovesTest, AHeldVfKeepsItsRateAndClass) {
  file_ = {offer(0, "gold", 60)};
  held_ = {OfferNode::vf(0, 0)};
  desired_ = {offer(0, "gold", 10)};
  EXPECT_THAT(step(), IsEmpty());
  desired_ = {};
  EXPECT_THAT(step(), IsEmpty());
}

TEST_F(OfferMovesTest, WithoutAViewNothingIsConfirmed) {
  file_ = {withdrawn(offer(0, "gold", 60))};
  const MoveStep made = mover_.step({.current = file_,
                                     .desired = {},
                                     .ports = {},
                                     .held = {},
                                     .healthy = {},
                                     .view = nullptr,
                                     .now = now_});
  EXPECT_THAT(made.moves, IsEmpty());
  EXPECT_EQ(made.offers, file_);
}

TEST_F(OfferMovesTest, TakingAnOfferAnswersWithAReason) {
  file_ = {offer(0, "gold", 60)};
  const auto taken = take_offer(file_, "gold", OfferNode::vf(0, 0));
  ASSERT_THAT(taken, IsOk());
  EXPECT_FALSE(*taken);
  EXPECT_THAT(
      take_offer(file_, "silver", OfferNode::vf(0, 0)),
      FailsWith(Code::not_found, "VF 0000:10:02.0 is offered under class 'gold', not 'silver'"));
  EXPECT_THAT(take_offer(file_, "gold", "0000:ff:00.0"),
              FailsWith(Code::not_found, "VF 0000:ff:00.0 is not offered"));
}

}  // namespace
}  // namespace sluice
