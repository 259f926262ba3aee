#include "scheduler/wish_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

/// Gold is wished of node "a"; node "b" is one where nothing is.
class WishesInTheBook : public testing::Test {
 protected:
  /// Whether gold can be wished of the node, with so many offers and such a wish there now.
  bool judge(int offered, int wished) {
    std::vector<ClassNode> nodes = {{.name = "a", .offered = {{"copper", 8}, {"gold", offered}}},
                                    {.name = "b", .offered = {{"gold", 0}}}};
    if (wished != 0) nodes[0].wishes = {{"gold", wished}};
    book.judge(nodes);
    EXPECT_EQ(nodes[0].offered.count("copper"), 1u) << "no wish for it was given up";
    EXPECT_EQ(nodes[1].offered.count("gold"), 1u) << "nor on another node";
    return nodes[0].offered.count("gold") != 0;
  }

  /// Wishes in vain until the node is given up, and says for how long.
  std::chrono::milliseconds give_up() {
    const std::size_t before = given_up.size();
    judge(1, 3);
    clock += times.timeout;
    EXPECT_FALSE(judge(1, 3));
    EXPECT_THAT(given_up, SizeIs(before + 1));
    return given_up.empty() ? std::chrono::milliseconds(0) : given_up.back().pause;
  }

  const WishTimes times;
  std::chrono::nanoseconds clock{minutes(100)};
  std::vector<GivenUpWish> given_up;
  WishBook book{{.times = times,
                 .now = [this] { return clock; },
                 .given_up = [this](const GivenUpWish& wish) { given_up.push_back(wish); }}};
};

TEST_F(WishesInTheBook, AreGivenUpWhenNoOfferCameInTime) {
  EXPECT_TRUE(judge(1, 3));
  clock += times.timeout - seconds(1);
  EXPECT_TRUE(judge(1, 3));
  EXPECT_THAT(given_up, IsEmpty());

  clock += seconds(1);
  EXPECT_FALSE(judge(1, 3));
  ASSERT_THAT(given_up, SizeIs(1));
  EXPECT_EQ(given_up[0].node, "a");
  EXPECT_EQ(given_up[0].class_name, "gold");
  EXPECT_EQ(given_up[0].offered, 1);
  EXPECT_EQ(given_up[0].wished, 3);
}

TEST_F(WishesInTheBook, HaveTheWholeTimeAgainWithEachOfferThatComes) {
  for (int offered = 0; offered < 3; ++offered) {
    EXPECT_TRUE(judge(offered, 3));
    clock += times.timeout - seconds(1);
  }
  EXPECT_TRUE(judge(2, 3));
  clock += seconds(1);
  EXPECT_FALSE(judge(2, 3));
}

TEST_F(WishesInTheBook, HaveNoMoreTimeForOffersThatOnlyComeAndGo) {
  judge(1, 3);
  clock += times.timeout - seconds(1);
  judge(0, 3);
  judge(1, 3);
  clock += seconds(1);
  EXPECT_FALSE(judge(1, 3));
}

TEST_F(WishesInTheBook, HaveNoMoreTimeForMorePods) {
  judge(1, 2);
  clock += times.timeout;
  EXPECT_FALSE(judge(1, 3));
}

TEST_F(WishesInTheBook, AreLeftAloneOnceTheyAreServed) {
  judge(1, 3);
  judge(3, 3);
  clock += 10 * times.timeout;
  EXPECT_TRUE(judge(3, 3));
  EXPECT_TRUE(judge(2, 3)) << "its time begins when an offer is lost";
  EXPECT_THAT(given_up, IsEmpty());
}

// As where the write failed, or another took it back.
TEST_F(WishesInTheBook, AreNotCountedWhileTheApiDoesNotHaveThem) {
  judge(1, 3);
  clock += times.timeout;
  EXPECT_TRUE(judge(1, 0));
  EXPECT_TRUE(judge(1, 3));
  EXPECT_THAT(given_up, IsEmpty());
}

TEST_F(WishesInTheBook, AreGivenUpForLongerEachTime) {
  const auto first = give_up();
  EXPECT_EQ(first, times.pause.first);
  clock += first - seconds(1);
  EXPECT_FALSE(judge(1, 0));
  clock += seconds(1);
  EXPECT_TRUE(judge(1, 0));

  std::chrono::milliseconds pause = give_up();
  EXPECT_EQ(pause, 2 * first);
  for (int i = 0; i < 10; ++i) {
    clock += pause;
    pause = give_up();
  }
  EXPECT_EQ(pause, times.pause.longest);
}

TEST_F(WishesInTheBook, AreGivenUpOnceThoughItTakesTimeToTakeThemBack) {
  give_up();
  EXPECT_FALSE(judge(1, 3));
  clock += times.timeout;
  EXPECT_FALSE(judge(1, 3));
  EXPECT_THAT(given_up, SizeIs(1));
}

TEST_F(WishesInTheBook, HaveShortPausesAgainAfterOneThatWasServed) {
  clock += give_up();
  judge(3, 3);
  EXPECT_EQ(give_up(), times.pause.first);
}

TEST_F(WishesInTheBook, HaveShortPausesAgainAfterALongTime) {
  clock += give_up() + times.pause.longest;
  judge(1, 0);
  EXPECT_EQ(give_up(), times.pause.first);
}

}  // namespace
}  // namespace sluice
