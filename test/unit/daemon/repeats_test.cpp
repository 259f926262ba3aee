#include "pkg/daemon/repeats.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::minutes;

const Repeats::Time kStart{};

TEST(Repeats, TellsTheFirstTheDifferentAndOneAnHour) {
  Repeats repeats;
  EXPECT_TRUE(repeats.worth_telling("scan", "a", kStart));
  EXPECT_FALSE(repeats.worth_telling("scan", "a", kStart + minutes(1)));
  EXPECT_TRUE(repeats.worth_telling("scan", "b", kStart + minutes(2)));
  EXPECT_FALSE(repeats.worth_telling("scan", "b", kStart + minutes(61)));
  EXPECT_TRUE(repeats.worth_telling("scan", "b", kStart + minutes(62)));
  EXPECT_TRUE(repeats.worth_telling("other", "b", kStart + minutes(62)));
}

TEST(Repeats, TellsOfARecoveryOnce) {
  Repeats repeats;
  EXPECT_FALSE(repeats.recovered("scan"));
  repeats.worth_telling("scan", "a", kStart);
  EXPECT_TRUE(repeats.recovered("scan"));
  EXPECT_FALSE(repeats.recovered("scan"));
  EXPECT_TRUE(repeats.worth_telling("scan", "a", kStart));
}

}  // namespace
}  // namespace sluice
