#include "pkg/bandwidth/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Rate kWritten = {.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)};

VfInfo vf(int index, std::optional<Rate> rate) {
  VfInfo info;
  info.index = index;
  info.rate = rate;
  return info;
}

TEST(Drift, IsNothingWhenAllReadsBackAsWritten) {
  const VfRate lanes[] = {{.vf = 3, .rate = kWritten}, {.vf = 0, .rate = {}}};
  const VfList list = {.announced = 4, .vfs = {vf(0, Rate{}), vf(1, kWritten), vf(3, kWritten)}};
  EXPECT_THAT(find_drift(lanes, list), IsEmpty());
}

TEST(Drift, NamesBothValues) {
  const VfRate lanes[] = {{.vf = 3, .rate = kWritten}};
  const std::vector<RateDrift> drifts = find_drift(lanes, {.announced = 1, .vfs = {vf(3, Rate{})}});
  ASSERT_THAT(drifts, ElementsAre(RateDrift{.vf = 3, .expected = kWritten, .found = Rate{}}));
  EXPECT_EQ(to_string(drifts[0]),
            "VF 3: floor 1 Gbit/s and ceiling 2 Gbit/s written, no floor and no ceiling found");
}

TEST(Drift, AVfThatTheListLeavesOutIsUnknown) {
  const VfRate lanes[] = {{.vf = 7, .rate = kWritten}, {.vf = 1, .rate = kWritten}};
  const std::vector<RateDrift> drifts =
      find_drift(lanes, {.announced = 8, .vfs = {vf(1, std::nullopt)}});
  ASSERT_THAT(drifts, ElementsAre(RateDrift{.vf = 7, .expected = kWritten, .found = std::nullopt},
                                  RateDrift{.vf = 1, .expected = kWritten, .found = std::nullopt}));
  EXPECT_EQ(to_string(drifts[0]),
            "VF 7: floor 1 Gbit/s and ceiling 2 Gbit/s written, nothing found");
}

}  // namespace
}  // namespace sluice
