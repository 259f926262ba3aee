#include "plugin/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Tokens, AreHealthyAndOfNoNodeAndNamedOnce) {
  const std::vector<DeviceEntry> all = token_list();
  std::set<std::string> names;
  for (const DeviceEntry& token : all) {
    EXPECT_TRUE(token.is_healthy) << token.id;
    EXPECT_EQ(token.numa_node, std::nullopt) << token.id;
    names.insert(token.id);
  }
  EXPECT_EQ(all.front().id, "token-0");
  EXPECT_EQ(names.size(), kTokens);
}

TEST(Tokens, ANumberIsThatOfTheNameAlone) {
  EXPECT_EQ(token_number(token_name(17)), 17U);
  for (const char* name : {"", "token-", "token-x", "token-017", "token-1 ", "token--1", "Token-1",
                           "token-99999999999999999999999", "0000:3b:02.1"}) {
    EXPECT_EQ(token_number(name), std::nullopt) << name;
  }
}

TEST(Tokens, TheNextOnesComeFirstRoundAndRound) {
  const PreferenceRequest request{
      .available = {"token-0", "token-5", "token-6", "token-998", "token-7"}, .size = 3};
  EXPECT_THAT(prefer_tokens(request, 6), ElementsAre("token-6", "token-7", "token-998"));
  EXPECT_THAT(prefer_tokens(request, 998), ElementsAre("token-998", "token-0", "token-5"));
  EXPECT_THAT(prefer_tokens(request, kTokens), ElementsAre("token-0", "token-5", "token-6"));
}

TEST(Tokens, WhatMustBeThereComesFirstAndIsNotThereTwice) {
  EXPECT_THAT(
      prefer_tokens(
          {.available = {"token-1", "token-2", "token-3"}, .must_include = {"token-3"}, .size = 2},
          0),
      ElementsAre("token-3", "token-1"));
  EXPECT_THAT(prefer_tokens({.available = {"token-1"}, .size = 9}, 0), ElementsAre("token-1"));
  EXPECT_THAT(prefer_tokens({.available = {"0000:3b:02.1"}, .size = 1}, 0), IsEmpty());
}

}  // namespace
}  // namespace sluice::plugin
