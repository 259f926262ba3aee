#include "scheduler/offer_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/scheduler/scheduler_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// Gold of 40 Gbit/s, silver of 20, bronze of 5, and lead without a floor.
PublishedNode node_with(ClassLanes offered, ClassLanes wishes) {
  PublishedNode node;
  node.floors = {{"gold", BitRate::gbps(40)},
                 {"silver", BitRate::gbps(20)},
                 {"bronze", BitRate::gbps(5)},
                 {"lead", BitRate()}};
  node.offered = std::move(offered);
  node.wishes = std::move(wishes);
  return node;
}

TEST(OfferRoom, IsLessOneOfferOfEqualFloorForEachThatIsMissing) {
  const PublishedNode node = node_with({{"silver", 1}, {"gold", 6}}, {{"silver", 3}});

  const OfferRoom room = offer_room(node, {{"gold", 1}});
  EXPECT_THAT(room.missing, ElementsAre(Pair("silver", 2)));
  EXPECT_THAT(room.left, ElementsAre(Pair("gold", 3)))
      << "6, less 2 that move, less 1 that is held";
}

TEST(OfferRoom, IsLessAsManyAsHaveTheFloorOfOneThatIsMissing) {
  EXPECT_EQ(offer_room(node_with({{"gold", 0}, {"silver", 5}}, {{"gold", 1}}), {}).left["silver"],
            3);
  EXPECT_EQ(offer_room(node_with({{"gold", 0}, {"bronze", 20}}, {{"gold", 2}}), {}).left["bronze"],
            4);
  EXPECT_EQ(offer_room(node_with({{"gold", 0}, {"lead", 5}}, {{"gold", 2}}), {}).left["lead"], 3)
      << "VFs alone";
}

TEST(OfferRoom, IsLessOneMoreWhereOffersAreSpreadOverPorts) {
  PublishedNode node = node_with({{"gold", 0}, {"bronze", 20}}, {{"gold", 2}});
  node.class_ports = 2;

  EXPECT_EQ(offer_room(node, {}).left["bronze"], 20 - 2 * (8 + 1));
}

TEST(OfferRoom, IsThatOfPortsWithAShareForClasses) {
  PublishedPort for_classes = pods_port(1, 100);
  for_classes.classes = {.vfs = 4, .bandwidth = BitRate::gbps(50)};

  EXPECT_EQ(published_node(lanes_of("n", {pods_port(0, 100), for_classes})).class_ports, 1);
}

TEST(OfferRoom, IsNoneWhereAllThatIsFreeMayMove) {
  EXPECT_EQ(offer_room(node_with({{"gold", 0}, {"bronze", 7}}, {{"gold", 1}}), {}).left["bronze"],
            0);
  EXPECT_EQ(offer_room(node_with({{"gold", 0}, {"silver", 3}}, {{"gold", 1}}), {{"silver", 2}})
                .left["silver"],
            0)
      << "less than none, for one of those that are held would have to move";
}

TEST(OfferRoom, IsJudgedForEachClassAsIfAllWereTakenOfIt) {
  EXPECT_THAT(
      offer_room(node_with({{"gold", 0}, {"silver", 3}, {"lead", 2}}, {{"gold", 1}}), {}).left,
      ElementsAre(Pair("lead", 1), Pair("silver", 1)));
}

TEST(OfferRoom, AddsUpWhatIsMissingOfSeveralClasses) {
  const PublishedNode node =
      node_with({{"gold", 0}, {"silver", 0}, {"bronze", 20}}, {{"gold", 1}, {"silver", 2}});

  EXPECT_EQ(offer_room(node, {}).left["bronze"], 20 - 8 - 2 * 4);
}

TEST(OfferRoom, KeepsWhatIsWishedOfAClassItself) {
  const PublishedNode node = node_with({{"gold", 0}, {"silver", 3}}, {{"gold", 1}, {"silver", 2}});

  EXPECT_EQ(offer_room(node, {{"silver", 1}}).left["silver"], 1);
}

TEST(OfferRoom, IsWhatNodeLanesOfferOnceTheWishIsServed) {
  const OfferRoom room = offer_room(node_with({{"gold", 2}, {"silver", 4}}, {{"gold", 2}}),
                                    {{"gold", 1}, {"silver", 3}});

  EXPECT_THAT(room.missing, IsEmpty());
  EXPECT_THAT(room.left, ElementsAre(Pair("gold", 1), Pair("silver", 1)));
}

TEST(OfferRoom, IsNotTouchedByWishesForWhatTheNodeDoesNotHave) {
  const OfferRoom room = offer_room(node_with({{"silver", 4}}, {{"gold", 2}}), {});

  EXPECT_THAT(room.missing, IsEmpty());
  EXPECT_EQ(room.left.at("silver"), 4);
}

TEST(OfferRoom, IsNeverLessThanNothing) {
  EXPECT_EQ(
      offer_room(node_with({{"gold", 0}, {"bronze", 7}}, {{"gold", 65535}}), {}).left["bronze"], 0);
}

TEST(OfferRoom, RefusesWithWhatMoves) {
  const OfferRoom room{.missing = {{"gold", 3}}, .left = {{"copper", 1}}};

  EXPECT_EQ(refusal(room, {{"copper", 1}}), "");
  EXPECT_EQ(refusal(room, {{"copper", 2}}),
            "offers move to class gold, of which 3 more are wished");
  EXPECT_EQ(
      refusal({.missing = {{"gold", 1}, {"silver", 2}}, .left = {{"copper", 0}}}, {{"copper", 1}}),
      "offers move to class gold, of which 1 more is wished and to class silver, of which 2 "
      "more are wished");
  EXPECT_EQ(refusal({.missing = {}, .left = {{"copper", 0}}}, {{"copper", 1}}),
            "offers of class copper have moved to another class, 0 are left");
}

TEST(OfferRoom, RefusesNothingOfClassesThatGainOrAreNotOffered) {
  const OfferRoom room{.missing = {{"gold", 3}}, .left = {{"copper", 0}}};

  EXPECT_EQ(refusal(room, {}), "");
  EXPECT_EQ(refusal(room, {{"gold", 8}}), "");
  EXPECT_EQ(refusal(room, {{"by-claims", 1}}), "");
  EXPECT_NE(refusal(room, {{"gold", 1}, {"copper", 1}}), "") << "its copper counts all the same";
}

}  // namespace
}  // namespace sluice
