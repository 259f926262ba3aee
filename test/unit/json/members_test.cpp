#include "pkg/json/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class MembersTest : public testing::Test {
 protected:
  Members of(json document) {
    document_ = std::move(document);
    return {document_, "/at", problems_};
  }

  std::string problems() const { return to_string(problems_.all()); }

  json document_;
  Problems problems_;
};

TEST_F(MembersTest, GivesWhatIsThere) {
  Members members = of({{"text", "a"},
                        {"empty", ""},
                        {"number", 7U},
                        {"yes", true},
                        {"rate", "25G"},
                        {"list", {1, 2}},
                        {"object", {{"inner", "b"}}},
                        {"texts", {{"x", "1"}, {"y", ""}}}});
  EXPECT_EQ(members.text("text"), "a");
  EXPECT_EQ(members.text("empty"), "");
  EXPECT_EQ(members.text("empty", "other"), "");
  EXPECT_EQ(members.filled_text("text"), "a");
  EXPECT_EQ(members.number("number"), 7U);
  EXPECT_EQ(members.number("number", 7, 7), 7);
  EXPECT_TRUE(members.boolean("yes", false));
  EXPECT_EQ(members.rate("rate", ""), BitRate::gbps(25));
  EXPECT_EQ(members.array("list").size(), 2U);
  EXPECT_EQ(members.object("object").text("inner"), "b");
  EXPECT_THAT(members.texts("texts"), ElementsAre(Pair("x", "1"), Pair("y", "")));
  EXPECT_EQ(problems(), "");
}

TEST_F(MembersTest, WhatMayBeAbsentIsNoProblem) {
  Members members = of(json::object());
  EXPECT_EQ(members.text("a", "other"), "other");
  EXPECT_EQ(members.filled_text("a"), "");
  EXPECT_TRUE(members.boolean("a", true));
  EXPECT_EQ(members.number("a", 0, 1), std::nullopt);
  EXPECT_EQ(members.rate("a", ""), std::nullopt);
  EXPECT_THAT(members.texts("a"), IsEmpty());
  EXPECT_EQ(members.find("a"), nullptr);
  EXPECT_EQ(problems(), "");
}

TEST_F(MembersTest, WhatMustBeThereIsReportedAndADefault) {
  Members members = of(json::object());
  EXPECT_EQ(members.text("a"), "");
  EXPECT_EQ(members.number("b"), 0U);
  EXPECT_TRUE(members.array("c").empty());
  EXPECT_EQ(members.object("d").text("e"), "");
  EXPECT_EQ(problems(),
            "/at/a: want a string\n"
            "/at/b: want a whole number\n"
            "/at/c: want an array\n"
            "/at/d: want an object\n")
      << "its members follow from it";
}

TEST_F(MembersTest, EveryWrongValueIsReportedAndADefault) {
  Members members = of({{"a", 7}, {"b", -7}, {"c", "x"}, {"d", {{"e", 1}, {"f/g", {}}}}});
  EXPECT_EQ(members.text("a", "other"), "");
  EXPECT_EQ(members.number("b"), 0U);
  EXPECT_TRUE(members.boolean("c", true));
  EXPECT_THAT(members.texts("d"), IsEmpty());
  EXPECT_THAT(members.texts("c"), IsEmpty());
  EXPECT_EQ(problems(),
            "/at/a: want a string\n"
            "/at/b: want a whole number\n"
            "/at/c: want true or false\n"
            "/at/d/e: want a string\n"
            "/at/d/f~1g: want a string\n"
            "/at/c: want an object\n");
}

TEST_F(MembersTest, NumbersHaveBounds) {
  Members members = of({{"a", 8U}, {"b", -1}, {"c", 1.0}, {"d", 18446744073709551615U}});
  for (const char* const key : {"a", "b", "c", "d"}) {
    EXPECT_EQ(members.number(key, 0, 7), std::nullopt);
  }
  EXPECT_EQ(problems(),
            "/at/a: want a whole number from 0 to 7, got '8'\n"
            "/at/b: want a whole number from 0 to 7, got '-1'\n"
            "/at/c: want a whole number from 0 to 7, got '1.0'\n"
            "/at/d: want a whole number from 0 to 7, got '18446744073709551615'\n");
}

TEST_F(MembersTest, RatesAreQuantitiesAboveZero) {
  Members members = of({{"a", "0"}, {"b", 25}, {"c", "25 G"}});
  for (const char* const key : {"a", "b", "c"}) {
    EXPECT_EQ(members.rate(key, "leave it out"), std::nullopt);
  }
  EXPECT_THAT(problems(),
              testing::StartsWith("/at/a: zero; leave it out\n"
                                  "/at/b: want a quantity in bit/s in quotes, like \"25G\"\n"
                                  "/at/c: quantity '25 G': "));
}

TEST_F(MembersTest, AQuantityMustBeThereAndMayBeZero) {
  Members members = of({{"a", "25G"}, {"b", "0"}, {"c", 25}, {"d", "25 G"}});
  EXPECT_EQ(members.quantity("a"), BitRate::gbps(25));
  EXPECT_EQ(members.quantity("b"), BitRate());
  EXPECT_EQ(problems(), "");
  for (const char* const key : {"c", "d", "e"}) EXPECT_EQ(members.quantity(key), BitRate());
  EXPECT_THAT(problems(), testing::StartsWith("/at/c: want a string\n"
                                              "/at/d: quantity '25 G': "));
  EXPECT_THAT(problems(), testing::EndsWith("/at/e: want a string\n"));
}

TEST_F(MembersTest, UnknownKeysAreReportedWithWhatIsMeant) {
  const json value = {{"driver", 1}, {"drivr", 2}, {"q/q", 3}};
  const Members members(value, "/at", {"driver", "device"}, problems_);
  EXPECT_TRUE(members.is_object());
  EXPECT_EQ(problems(),
            "/at/drivr: unknown key; did you mean \"driver\"?\n"
            "/at/q~1q: unknown key\n");
}

TEST_F(MembersTest, AValueThatIsNoObjectHasNoMembers) {
  Members members = of({1, 2});
  EXPECT_FALSE(members.is_object());
  EXPECT_EQ(members.find("a"), nullptr);
  EXPECT_EQ(members.text("a", "other"), "other");
  EXPECT_EQ(problems(), "/at: want an object\n");
}

}  // namespace
}  // namespace sluice
