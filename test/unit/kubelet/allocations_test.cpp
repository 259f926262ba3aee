#include "pkg/kubelet/allocations.h"

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

TEST(AllocationsTest, TellsWhatIsNewAndWhatIsGone) {
  Allocations allocations;
  const auto first = allocations.observe({{held("ml/a", "x"), held("ml/a", "y")}, kStart});
  EXPECT_THAT(first.taken, ElementsAre(held("ml/a", "x"), held("ml/a", "y")));
  EXPECT_THAT(first.released, IsEmpty());

  const auto second = allocations.observe({{held("ml/a", "x"), held("ml/b", "z")}, kStart});
  EXPECT_THAT(second.taken, ElementsAre(held("ml/b", "z")));
  EXPECT_THAT(second.released, ElementsAre(gold("y")));
  EXPECT_FALSE(allocations.holds(gold("y")));

  EXPECT_FALSE(allocations.observe({{held("ml/a", "x"), held("ml/b", "z")}, kStart}).any());
}

TEST(AllocationsTest, ADeviceIsHeldFromAllocateOn) {
  Allocations allocations;
  allocations.allocated(kGold, {"x"}, kStart);
  EXPECT_TRUE(allocations.holds(gold("x")));
  EXPECT_FALSE(allocations.observe({{}, kStart + milliseconds(1)}).any());
  EXPECT_TRUE(allocations.holds(gold("x")));

  const auto change = allocations.observe({{held("ml/a", "x")}, kStart + milliseconds(2)});
  EXPECT_THAT(change.taken, ElementsAre(held("ml/a", "x")));
  EXPECT_THAT(allocations.observe({{}, kStart + milliseconds(3)}).released, ElementsAre(gold("x")));
}

TEST(AllocationsTest, ADeviceOfAPodThatWasNeverAdmittedIsReleasedInTime) {
  Allocations allocations;
  allocations.allocated(kGold, {"x"}, kStart);
  EXPECT_FALSE(allocations.observe({{}, kStart + Allocations::kAdmission - milliseconds(1)}).any());
  EXPECT_THAT(allocations.observe({{}, kStart + Allocations::kAdmission}).released,
              ElementsAre(gold("x")));
}

// The kubelet never lists those of init containers.
TEST(AllocationsTest, ADeviceThatTheKubeletKeepsIsHeldAsLongAsItDoes) {
  Allocations allocations;
  allocations.allocated(kGold, {"x"}, kStart);
  EXPECT_TRUE(allocations.any_unlisted());
  const Moment late = kStart + 2 * Allocations::kAdmission;
  EXPECT_FALSE(allocations.observe({.listed = {}, .asked = late, .kept = {gold("x")}}).any());
  EXPECT_TRUE(allocations.holds(gold("x")));
  EXPECT_THAT(allocations.observe({.listed = {}, .asked = late}).released, ElementsAre(gold("x")));
  EXPECT_FALSE(allocations.any_unlisted());
}

// Pods that have ended stay in the kubelet's file.
TEST(AllocationsTest, ADeviceThatWasListedIsReleasedWhateverTheKubeletKeeps) {
  Allocations allocations;
  allocations.allocated(kGold, {"x"}, kStart);
  static_cast<void>(allocations.observe({{held("ml/a", "x")}, kStart}));
  EXPECT_THAT(allocations.observe({.listed = {}, .asked = kStart, .kept = {gold("x")}}).released,
              ElementsAre(gold("x")));
}

TEST(AllocationsTest, WhatAPartialListLacksIsNotReleased) {
  Allocations allocations;
  allocations.observe({{held("ml/a", "x"), held("ml/b", "y")}, kStart});
  const auto partial =
      allocations.observe({{held("ml/c", "z")}, kStart, Allocations::Listing::partial});
  EXPECT_THAT(partial.taken, ElementsAre(held("ml/c", "z")));
  EXPECT_THAT(partial.released, IsEmpty());
  EXPECT_TRUE(allocations.holds(gold("x")));
  const auto whole = allocations.observe({{held("ml/a", "x"), held("ml/c", "z")}, kStart});
  EXPECT_THAT(whole.released, ElementsAre(gold("y")));
}

TEST(AllocationsTest, AListAskedForBeforeAnAllocateDoesNotJudgeIt) {
  Allocations allocations;
  static_cast<void>(allocations.observe({{held("ml/a", "x")}, kStart}));
  allocations.allocated(kGold, {"x"}, kStart + milliseconds(10));

  // Asked before, answered after: still the old pod.
  EXPECT_FALSE(allocations.observe({{held("ml/a", "x")}, kStart + milliseconds(9)}).any());
  // The old pod has ended, the new one is not listed yet.
  EXPECT_FALSE(allocations.observe({{}, kStart + milliseconds(11)}).any());
  EXPECT_TRUE(allocations.holds(gold("x")));

  const auto change = allocations.observe({{held("ml/b", "x")}, kStart + milliseconds(12)});
  EXPECT_THAT(change.taken, ElementsAre(held("ml/b", "x")));
  EXPECT_THAT(change.released, IsEmpty());
}

}  // namespace
}  // namespace sluice::plugin
