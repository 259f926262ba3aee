#include "pkg/base/backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Backoff, DoublesUpToTheLongestAndStartsAgain) {
  Backoff backoff({.first = milliseconds(100), .longest = milliseconds(350)});
  EXPECT_EQ(backoff.next(), milliseconds(100));
  EXPECT_EQ(backoff.next(), milliseconds(200));
  EXPECT_EQ(backoff.next(), milliseconds(350));
  EXPECT_EQ(backoff.next(), milliseconds(350));
  backoff.reset();
  EXPECT_EQ(backoff.next(), milliseconds(100));
}

TEST(SpreadBackoff, DoublesUpToTheLongestAndSpreads) {
  SpreadBackoff backoff({.first = milliseconds(100), .longest = milliseconds(300)}, 1);
  for (const int whole : {100, 200, 300, 300}) {
    const milliseconds wait = backoff.next();
    EXPECT_GE(wait, milliseconds(whole / 2));
    EXPECT_LE(wait, milliseconds(whole));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(100));
}

TEST(SpreadBackoff, DiffersFromNodeToNode) {
  const Backoff::Limits limits{.first = milliseconds(800), .longest = seconds(30)};
  SpreadBackoff one(limits, 1);
  SpreadBackoff two(limits, 2);
  std::vector<milliseconds> a;
  std::vector<milliseconds> b;
  for (int i = 0; i < 5; ++i) {
    a.push_back(one.next());
    b.push_back(two.next());
  }
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace sluice
