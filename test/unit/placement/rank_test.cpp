#include "pkg/placement/rank.h"

#include <gtest/gtest.h>

#include <limits>

namespace sluice {
namespace {

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

TEST(PortRank, MembersCountInTheirOrder) {
  EXPECT_LT((PortRank{.rivals = 1, .against_node = 9}), (PortRank{.rivals = 2}));
  EXPECT_LT((PortRank{.against_node = 1, .against_port = 9}), (PortRank{.against_node = 2}));
  EXPECT_LT((PortRank{.against_port = 1}), (PortRank{.against_port = 2, .left = {1, 1}}));
  EXPECT_LT((PortRank{.left = {2, 4}}), (PortRank{.left = {1, 4}, .vfs = 9}));
  EXPECT_LT((PortRank{.vfs = 2}), (PortRank{.vfs = 1}));
  EXPECT_EQ((PortRank{.left = {2, 4}, .vfs = 1}), (PortRank{.left = {1, 2}, .vfs = 1}));
}

TEST(PortRank, PartsAreComparedExactly) {
  EXPECT_LT((PartLeft{kHuge - 1, kHuge}), (PartLeft{kHuge, kHuge}));
  EXPECT_LT((PartLeft{kHuge / 3, kHuge}), (PartLeft{1, 3}));
  EXPECT_LT((PartLeft{-1, 100}), (PartLeft{0, 7}));
  EXPECT_EQ((PartLeft{5, 0}), (PartLeft{0, 7})) << "nothing is known of the first";
}

TEST(NodeRank, EnoughWithTheFewestToSpareElseTheMost) {
  EXPECT_LT(node_rank(4, 4), node_rank(5, 4));
  EXPECT_LT(node_rank(9, 4), node_rank(3, 4));
  EXPECT_LT(node_rank(3, 4), node_rank(2, 4));
}

}  // namespace
}  // namespace sluice
