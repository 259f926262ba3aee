#include "plugin/holdings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::plugin {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Moment kStart{std::chrono::hours(1)};
const std::string kGold = "sluice.dev/gold";

PodDevice held(const std::string& pod, const std::string& id) {
  return {.pod = pod, .container = "main", .resource = kGold, .id = id};
}

DeviceKey gold(const std::string& id) {
  return {.resource = kGold, .id = id};
}

TEST(HoldingsTest, TellsWhatIsNewAndWhatIsGone) {
  Holdings holdings;
  const auto first = holdings.observe({held("ml/a", "x"), held("ml/a", "y")}, kStart);
  EXPECT_THAT(first.taken, ElementsAre(held("ml/a", "x"), held("ml/a", "y")));
  EXPECT_THAT(first.released, IsEmpty());

  const auto second = holdings.observe({held("ml/a", "x"), held("ml/b", "z")}, kStart);
  EXPECT_THAT(second.taken, ElementsAre(held("ml/b", "z")));
  EXPECT_THAT(second.released, ElementsAre(gold("y")));
  EXPECT_FALSE(holdings.holds(gold("y")));

  EXPECT_FALSE(holdings.observe({held("ml/a", "x"), held("ml/b", "z")}, kStart).any());
}

TEST(HoldingsTest, ADeviceIsHeldFromAllocateOn) {
  Holdings holdings;
  holdings.allocated(kGold, {"x"}, kStart);
  EXPECT_TRUE(holdings.holds(gold("x")));
  EXPECT_FALSE(holdings.observe({}, kStart + milliseconds(1)).any());
  EXPECT_TRUE(holdings.holds(gold("x")));

  const auto change = holdings.observe({held("ml/a", "x")}, kStart + milliseconds(2));
  EXPECT_THAT(change.taken, ElementsAre(held("ml/a", "x")));
  EXPECT_THAT(holdings.observe({}, kStart + milliseconds(3)).released, ElementsAre(gold("x")));
}

TEST(HoldingsTest, ADeviceOfAPodThatWasNeverAdmittedIsReleasedInTime) {
  Holdings holdings;
  holdings.allocated(kGold, {"x"}, kStart);
  EXPECT_FALSE(holdings.observe({}, kStart + Holdings::kAdmission - milliseconds(1)).any());
  EXPECT_THAT(holdings.observe({}, kStart + Holdings::kAdmission).released, ElementsAre(gold("x")));
}

TEST(HoldingsTest, WhatAPartialListLacksIsNotReleased) {
  Holdings holdings;
  holdings.observe({held("ml/a", "x"), held("ml/b", "y")}, kStart);
  const auto partial = holdings.observe({held("ml/c", "z")}, kStart, Holdings::Listing::partial);
  EXPECT_THAT(partial.taken, ElementsAre(held("ml/c", "z")));
  EXPECT_THAT(partial.released, IsEmpty());
  EXPECT_TRUE(holdings.holds(gold("x")));
  const auto whole = holdings.observe({held("ml/a", "x"), held("ml/c", "z")}, kStart);
  EXPECT_THAT(whole.released, ElementsAre(gold("y")));
}

TEST(HoldingsTest, AListAskedForBeforeAnAllocateDoesNotJudgeIt) {
  Holdings holdings;
  static_cast<void>(holdings.observe({held("ml/a", "x")}, kStart));
  holdings.allocated(kGold, {"x"}, kStart + milliseconds(10));

  // Asked before, answered after: still the old pod.
  EXPECT_FALSE(holdings.observe({held("ml/a", "x")}, kStart + milliseconds(9)).any());
  // The old pod has ended, the new one is not listed yet.
  EXPECT_FALSE(holdings.observe({}, kStart + milliseconds(11)).any());
  EXPECT_TRUE(holdings.holds(gold("x")));

  const auto change = holdings.observe({held("ml/b", "x")}, kStart + milliseconds(12));
  EXPECT_THAT(change.taken, ElementsAre(held("ml/b", "x")));
  EXPECT_THAT(change.released, IsEmpty());
}

}  // namespace
}  // namespace sluice::plugin
