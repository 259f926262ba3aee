#include "pkg/json/skim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::vector<std::string> members_of(std::string_view text) {
  std::vector<std::string> found;
  const Result<> done = each_member(text, [&](std::string_view key, Unread& value) -> Result<> {
    found.push_back(fmt::format("{}={}", key, TRY(value.text())));
    return {};
  });
  if (!done) found.push_back("error");
  return found;
}

/// The strings that the value of an object's only member is to be.
Result<> each_text(const std::string& value, const TakeText& take) {
  return each_member("{\"a\":" + value + "}",
                     [&](std::string_view, Unread& unread) { return unread.each_text(take); });
}

std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> found;
  const Result<> done = each_item(text, [&](std::string_view value) -> Result<> {
    found.emplace_back(value);
    return {};
  });
  if (!done) found.push_back("error");
  return found;
}

bool is_good(const std::string& value) {
  const auto take = [](std::string_view /*value*/) -> Result<> { return {}; };
  return each_item("[" + value + "]", take).has_value();
}

TEST(Skim, GivesTheMembersOfAnObjectAsText) {
  EXPECT_THAT(members_of(R"( { "a" : {"b":[1,{"c":"}"}]} , "d":null,"a":-1.5e+3 } )"),
              ElementsAre(R"(a={"b":[1,{"c":"}"}]})", "d=null", "a=-1.5e+3"));
  EXPECT_THAT(members_of("{}"), ElementsAre());
}

TEST(Skim, GivesTheItemsOfAnArrayAsText) {
  EXPECT_THAT(items_of(R"([ "a", [] ,{}, [[{"x":[]}]],true,false ])"),
              ElementsAre("\"a\"", "[]", "{}", R"([[{"x":[]}]])", "true", "false"));
  EXPECT_THAT(items_of("[ ]"), ElementsAre());
}

TEST(Skim, PassesOverWhatIsNotRead) {
  std::vector<std::string> keys;
  const auto take = [&keys](std::string_view key, Unread& value) -> Result<> {
    keys.push_back(fmt::format("{} {}", key, value.is_null()));
    return {};
  };
  EXPECT_THAT(each_member(R"({"a":{"b":[1]},"c" : null ,"d":"x"})", take), IsOk());
  EXPECT_THAT(keys, ElementsAre("a false", "c true", "d false"));
  EXPECT_THAT(each_member(R"({"a":nul})", take), FailsWith(Code::invalid_argument, "not JSON"));
}

TEST(Skim, UnescapesKeysAndStrings) {
  EXPECT_THAT(members_of("{\"\\u0061\\n\":1}"), ElementsAre("a\n=1"));
  std::string storage;
  EXPECT_EQ(*text_of(R"("plain")", storage), "plain");
  EXPECT_EQ(*text_of(R"("\"\\\/é\ud83d\ude00")", storage), "\"\\/\u00e9\U0001F600");
}

TEST(Skim, GivesTheStringsOfAnArray) {
  std::vector<std::string> found;
  const auto take = [&found](std::string_view value, bool is_inside) -> Result<> {
    found.push_back(fmt::format("{} {}", value, is_inside));
    return {};
  };
  EXPECT_THAT(each_text(R"( [ "a" ,"\u0062", "" ] )", take), IsOk());
  EXPECT_THAT(found, ElementsAre("a true", "b false", " true"));
  EXPECT_THAT(each_text("[]", take), IsOk());
  EXPECT_THAT(each_text("{}", take), FailsWith(Code::invalid_argument, "want an array, got {}"));
  EXPECT_THAT(each_text("[[1]]", take),
              FailsWith(Code::invalid_argument, "want a string, got [1]"));
  EXPECT_THAT(each_text("[[1}]", take), FailsWith(Code::invalid_argument, "not JSON"));
  for (const char* const text : {"[\"a\"", "[\"a\",]", "[\"a]", "[\"\\x\"]", "[tru]", "[\"\n\"]"}) {
    EXPECT_THAT(each_text(text, take), FailsWith(Code::invalid_argument, "not JSON")) << text;
  }
}

/// Bytes beyond ASCII at every place of a word, and behind the last whole one.
TEST(Skim, GivesStringsOfUtf8Alone) {
  std::string storage;
  const auto nothing = [](std::string_view, bool) -> Result<> { return {}; };
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string letters(before, 'a');
    const std::string good = "\"" + letters + "\u00e9\"";
    EXPECT_EQ(*text_of(good, storage), letters + "\u00e9");
    const std::string bad = "\"" + letters + "\xff" + "b\"";
    EXPECT_THAT(text_of(bad, storage), FailsWith(Code::invalid_argument, "want a string"));
    EXPECT_THAT(each_text("[" + bad + "]", nothing), FailsWith(Code::invalid_argument, "want a"));
    EXPECT_EQ(members_of("{" + bad + ":1}").back(), "error");
  }
}

TEST(Skim, RefusesWhatIsNoString) {
  std::string storage;
  for (const char* const text : {"", "1", "\"", "\"a\"b", "\"\\ud83d\"", "\"a\nb\""}) {
    EXPECT_THAT(text_of(text, storage), FailsWith(Code::invalid_argument, "want a string")) << text;
  }
}

TEST(Skim, RefusesWhatIsNoJson) {
  for (const char* const text :
       {"", "{", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}",
        "{\"a\":1}}", "{\"a\":[1}", "{\"a\":1]", "{\"a\":\"\\x\"}", "{\"a\":tru}", "{\"a\":\"\n\"}",
        "null"}) {
    EXPECT_EQ(members_of(text).back(), "error") << text;
  }
  EXPECT_EQ(items_of("[1").back(), "error");
  EXPECT_EQ(items_of("[1,]").back(), "error");
  EXPECT_EQ(items_of("[1 2]").back(), "error");
  EXPECT_EQ(items_of("[\"a\"] x").back(), "error");
}

TEST(Skim, TellsWhatIsNoObjectAndNoArray) {
  const auto member = [](std::string_view, Unread&) -> Result<> { return {}; };
  const auto item = [](std::string_view) -> Result<> { return {}; };
  EXPECT_THAT(each_member("[1]", member),
              FailsWith(Code::invalid_argument, "want an object, got [1]"));
  EXPECT_THAT(each_item("{}", item), FailsWith(Code::invalid_argument, "want an array, got {}"));
}

TEST(Skim, TakesScalarsAsTheParserDoes) {
  for (const char* const text :
       {"0",         "-0",          "10",          "01",     "1.",    ".5",    "0.5", "1e5",
        "1E-5",      "1e+",         "-",           "+1",     "1e5.5", "truee", "nul", "\"a\"",
        "\"\\u12\"", "\"\\u12ag\"", "\"\\u1234\"", "\"\t\"", "tru",   "- 1",   "1 1"}) {
    EXPECT_EQ(is_good(text), json::accept(text)) << text;
  }
}

// Strings are looked at eight characters at a time: each character at each place of each length.
TEST(Skim, FindsWhatAStringMustNotHaveWhereverItIs) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'\x01', '\x1f', ' ', '!', '"', '#', '[', '\\', ']', '~', '\x7f'}) {
        std::string text(size, 'a');
        text[at] = c;
        EXPECT_EQ(is_good("\"" + text + "\""), json::accept("\"" + text + "\"")) << text;
      }
    }
  }
}

TEST(Skim, BoundsTheDepthOfAPart) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(is_good(nested(64)));
  EXPECT_FALSE(is_good(nested(65)));
  EXPECT_FALSE(is_good(std::string(1u << 20, '[')));
}

TEST(Skim, EndsWithTheErrorOfItsCaller) {
  int calls = 0;
  const Result<> done = each_item("[1,2,3]", [&](std::string_view) -> Result<> {
    ++calls;
    return Error(Code::exhausted, "enough");
  });

  EXPECT_THAT(done, FailsWith(Code::exhausted, "enough"));
  EXPECT_EQ(calls, 1);
}

// As hostile as bodies get: every text that is cut short is refused, and so are most with a byte
// changed; whatever is taken is JSON.
TEST(Skim, TakesNothingThatIsNoJson) {
  const std::string text =
      R"({"Pod":{"m":[1,-2.5e3,"\u00e9\\",true,null,{}]},"N":["a","b"],"x":""})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(members_of(text.substr(0, size)).back(), "error") << size;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char byte : std::string_view("\"\\{}[],:0a \n")) {
      std::string changed = text;
      changed[at] = byte;
      EXPECT_EQ(members_of(changed).back() != "error", json::accept(changed)) << changed;
    }
  }
}

}  // namespace
}  // namespace sluice
