#include "dra/slices/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/dra_slices/claim_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ServerFeatures kFixedClasses{
    .shared_devices = false, .taints = std::nullopt, .counters = false};

std::vector<Slice> slices_of(int vfs) {
  return make_slices(claim_node({}, many_vfs(vfs)), kFixedClasses).slices;
}

StoredSlice stored(Slice slice, std::int64_t generation) {
  slice.generation = generation;
  const std::string name = slice.name;
  return {.name = name,
          .uid = "u",
          .version = "1",
          .labels = {},
          .annotations = {},
          .content = std::move(slice)};
}

StoredSlices all_stored(const std::vector<Slice>& slices, std::int64_t generation) {
  StoredSlices all;
  for (const Slice& slice : slices) all.emplace(slice.name, stored(slice, generation));
  return all;
}

/// "<name>@<generation>" of each write.
std::vector<std::string> writes(const SlicePlan& plan) {
  std::vector<std::string> writes;
  for (const Slice& slice : plan.writes) {
    writes.push_back(fmt::format("{}@{}", slice.name.substr(0, 5), slice.generation));
  }
  return writes;
}

TEST(Plan, StartsAPoolWithItsFirstGeneration) {
  const SlicePlan plan = plan_slices(slices_of(300), {});
  EXPECT_THAT(writes(plan), ElementsAre("00000@1", "00001@1", "00002@1"));
  EXPECT_THAT(plan.removes, IsEmpty());
}

TEST(Plan, WritesNothingWhereAllIsAsWanted) {
  EXPECT_TRUE(plan_slices(slices_of(300), all_stored(slices_of(300), 7)).empty());
}

TEST(Plan, ReplacesTheOnlySliceInItsGeneration) {
  EXPECT_THAT(writes(plan_slices(slices_of(10), all_stored(slices_of(11), 7))),
              ElementsAre("00000@7"));
}

TEST(Plan, ReplacesTheOneSliceThatChangedInItsGeneration) {
  EXPECT_THAT(writes(plan_slices(slices_of(299), all_stored(slices_of(300), 7))),
              ElementsAre("00002@7"));
}

TEST(Plan, GivesAllTheNextGenerationWhereSeveralChange) {
  std::vector<Slice> wanted = slices_of(300);
  wanted[0].devices[3].attributes["x"] = true;
  wanted[2].devices[3].attributes["x"] = true;
  EXPECT_THAT(writes(plan_slices(wanted, all_stored(slices_of(300), 7))),
              ElementsAre("00000@8", "00001@8", "00002@8"));
}

TEST(Plan, PutsBackWhatVanishedInItsGeneration) {
  StoredSlices now = all_stored(slices_of(300), 7);
  now.erase("00001-sluice.dev-node-a");
  EXPECT_THAT(writes(plan_slices(slices_of(300), now)), ElementsAre("00001@7"));
}

TEST(Plan, OneThatVanishedBesideOneThatChangedIsTheNextGeneration) {
  StoredSlices now = all_stored(slices_of(300), 7);
  now.erase("00001-sluice.dev-node-a");
  std::vector<Slice> wanted = slices_of(300);
  wanted[0].devices[3].attributes["x"] = true;
  EXPECT_THAT(writes(plan_slices(wanted, now)), ElementsAre("00000@8", "00001@8", "00002@8"));
}

TEST(Plan, RemovesSlicesThatAreTooManyAfterItWroteTheOthers) {
  const SlicePlan plan = plan_slices(slices_of(200), all_stored(slices_of(300), 7));
  EXPECT_THAT(writes(plan), ElementsAre("00000@8", "00001@8"));
  EXPECT_THAT(plan.removes, ElementsAre("00002-sluice.dev-node-a"));
}

// Else old and new would be of one generation until the last of the old is gone.
TEST(Plan, OneThatChangesBesideOnesThatGoIsTheNextGeneration) {
  const SlicePlan plan = plan_slices(slices_of(100), all_stored(slices_of(300), 7));
  EXPECT_THAT(writes(plan), ElementsAre("00000@8"));
  EXPECT_EQ(plan.removes.size(), 2u);
}

TEST(Plan, FinishesWhatAnInterruptedUpdateHasBegun) {
  StoredSlices now = all_stored(slices_of(300), 7);
  now.insert_or_assign("00000-sluice.dev-node-a", stored(slices_of(200)[0], 8));
  const SlicePlan plan = plan_slices(slices_of(200), now);
  EXPECT_THAT(writes(plan), ElementsAre("00001@8"));
  EXPECT_THAT(plan.removes, ElementsAre("00002-sluice.dev-node-a"));
}

TEST(Plan, ReplacesSlicesOfAnotherNameByANewerGeneration) {
  Slice other = slices_of(10)[0];
  other.name = "00000-sluice.dev-node-a-x7k2p";
  const SlicePlan plan = plan_slices(slices_of(10), all_stored({other}, 7));
  EXPECT_THAT(writes(plan), ElementsAre("00000@8"));
  EXPECT_THAT(plan.removes, ElementsAre(other.name));
}

TEST(Plan, CreatesASliceAgainWhosePoolHadAnotherName) {
  Slice other = slices_of(10)[0];
  other.pool = "rack";
  const SlicePlan plan = plan_slices(slices_of(10), all_stored({other}, 7));
  EXPECT_THAT(plan.writes, IsEmpty());
  EXPECT_THAT(plan.removes, ElementsAre("00000-sluice.dev-node-a"));
}

TEST(Plan, ReplacesWhatSaysSomethingThatSluiceNeverDoes) {
  StoredSlices now = all_stored(slices_of(10), 7);
  now.begin()->second.content = Error(Code::invalid_argument, "odd");
  EXPECT_THAT(writes(plan_slices(slices_of(10), now)), ElementsAre("00000@1"));
}

// The server would stamp it again.
TEST(Plan, ATaintThatStaysKeepsItsTime) {
  ClaimPort down = mlx5_port();
  down.carrier = false;
  StoredSlices now = all_stored(make_slices(claim_node({down}), {}).slices, 7);
  now.begin()->second.content->devices[0].taints[0].time_added = "2026-01-31T12:00:00Z";
  down.share.promised = BitRate::gbps(90);
  const SlicePlan plan = plan_slices(make_slices(claim_node({down}), {}).slices, now);
  ASSERT_EQ(plan.writes.size(), 1u);
  EXPECT_EQ(plan.writes[0].devices[0].taints[0].time_added, "2026-01-31T12:00:00Z");
  EXPECT_EQ(plan.writes[0].devices[0].taints[1].time_added, "");
}

// Whatever was left behind, after one plan nothing is left to do.
TEST(Plan, IsDoneInOne) {
  for (const int before : {0, 1, 128, 129, 300, 600}) {
    for (const int after : {0, 1, 128, 129, 300, 600}) {
      StoredSlices now = all_stored(slices_of(before), 3);
      const SlicePlan plan = plan_slices(slices_of(after), now);
      for (const Slice& slice : plan.writes) {
        now.insert_or_assign(slice.name, stored(slice, slice.generation));
      }
      for (const std::string& name : plan.removes) now.erase(name);
      EXPECT_TRUE(plan_slices(slices_of(after), now).empty()) << before << " to " << after;
    }
  }
}

}  // namespace
}  // namespace sluice::dra
