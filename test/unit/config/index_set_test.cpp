#include "pkg/config/index_set.h"

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

IndexSet set(const std::string& text) {
  const auto parsed = IndexSet::parse(text);
  EXPECT_THAT(parsed, IsOk()) << text;
  return parsed.value_or(IndexSet());
}

TEST(IndexSet, HoldsNumbersAndRanges) {
  const IndexSet indices = set("7, 0-3,9");
  for (const int in : {0, 3, 7, 9}) EXPECT_TRUE(indices.contains(in)) << in;
  for (const int out : {-1, 4, 6, 8, 10}) EXPECT_FALSE(indices.contains(out)) << out;
  EXPECT_EQ(indices.size(), 6);
  EXPECT_EQ(indices.last(), 9);
  EXPECT_EQ(indices.to_string(), "0-3,7,9");
}

TEST(IndexSet, IsEmptyByDefault) {
  EXPECT_FALSE(IndexSet().contains(0));
  EXPECT_EQ(IndexSet().last(), -1);
  EXPECT_EQ(IndexSet().size(), 0);
  EXPECT_EQ(IndexSet().to_string(), "");
}

TEST(IndexSet, FindsTheLowestCommonIndex) {
  EXPECT_EQ(set("0-3,7").common(set("5-9")), 7);
  EXPECT_EQ(set("0-3,7").common(set("2-9")), 2);
  EXPECT_EQ(set("0-3").common(set("4-9")), std::nullopt);
}

TEST(IndexSet, RefusesWhatIsNoSet) {
  for (const char* text : {"", ",", "a", "1-", "-1", "1,,2", "1 2", "0x1", "1-2-3", "1.5"}) {
    EXPECT_THAT(IndexSet::parse(text),
                FailsWith(Code::invalid_argument, "want VF indices like \"0-3,7\", got "))
        << text;
  }
  EXPECT_THAT(IndexSet::parse("3-1"), FailsWith(Code::invalid_argument, "'3-1' runs backwards"));
  EXPECT_THAT(IndexSet::parse("0-4,4"),
              FailsWith(Code::invalid_argument, "VF 4 is in '0-4,4' twice"));
  EXPECT_THAT(
      IndexSet::parse("65535"),
      FailsWith(Code::invalid_argument, "no VF has the index 65535, the last one is 65534"));
}

}  // namespace
}  // namespace sluice
