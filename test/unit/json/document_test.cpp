#include "pkg/json/document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;

std::string problems_of(const std::string& text) {
  Problems problems;
  static_cast<void>(parse_document(text, problems));
  return to_string(problems.all());
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Document, IsWhatTheTextSays) {
  const std::string text =
      R"({"a":[1,-2,2.5,true,null,"x",[],{}],"b":{"c":{"d":[[],[{"e":"f"}]]}},"":"empty key"})";
  EXPECT_EQ(parse_document(text), json::parse(text));
  EXPECT_EQ(parse_document(R"("text")"), "text");
  EXPECT_EQ(parse_document("18446744073709551615"), 18446744073709551615U);
}

TEST(Document, IsNullWhereTheTextIsNoJson) {
  for (const char* const text :
       {"", "{", "[1,", "{\"a\":1]", "{} {}", "\"\xff\"", "nul", "1e999"}) {
    EXPECT_TRUE(parse_document(text).is_null()) << text;
    EXPECT_NE(problems_of(text).find("not JSON at line 1, column "), std::string::npos) << text;
  }
}

TEST(Document, IsNullWhereItIsNestedTooDeep) {
  EXPECT_EQ(parse_document(nested(64)), json::parse(nested(64)));
  EXPECT_TRUE(parse_document(nested(65)).is_null());
  EXPECT_EQ(problems_of(nested(65)), "nested deeper than 64 levels\n");
  EXPECT_EQ(problems_of(R"({"a":)" + nested(64) + "}"), "nested deeper than 64 levels\n");
  EXPECT_EQ(problems_of(nested(1'000'000)), "nested deeper than 64 levels\n");
  EXPECT_EQ(problems_of("[" + nested(63) + "," + nested(63) + "]"), "");
}

TEST(Document, OfAKeyThatIsThereTwiceTheLastCounts) {
  const std::string text = R"({"a":{"x":1},"b":[{},{"c/d":1,"c/d":2}],"a":{"y":2}})";
  EXPECT_EQ(parse_document(text), json::parse(R"({"a":{"y":2},"b":[{},{"c/d":2}]})"));
  EXPECT_EQ(problems_of(text),
            "/b/1/c~1d: is there twice; only one could count\n"
            "/a: is there twice; only one could count\n");
}

}  // namespace
}  // namespace sluice
