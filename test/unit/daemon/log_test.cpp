#include "pkg/daemon/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::EndsWith;
using testing::MatchesRegex;

TEST(Log, WritesASentenceAndItsData) {
  std::ostringstream out;
  LogOutput output(LogLevel::info, LogFormat::text, out);

  Log(output, "offers").info("lanes offered", {{"class", "gold"}, {"count", 4}});

  EXPECT_THAT(out.str(), MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z info "
                                      "   offers: lanes offered class=gold count=4\n"));
}

TEST(Log, KeepsALineOneLine) {
  std::ostringstream out;
  LogOutput output(LogLevel::info, LogFormat::text, out);

  Log(output, "a").warn("odd", {{"empty", ""}, {"text", "two words\n\"x\"=\x01"}, {"bad", "\xff"}});

  EXPECT_THAT(out.str(), EndsWith("a: odd empty=\"\" text=\"two words\\n\\\"x\\\"=\\u0001\" "
                                  "bad=\"\xEF\xBF\xBD\"\n"));
}

TEST(Log, WritesJsonThatParses) {
  std::ostringstream out;
  LogOutput output(LogLevel::info, LogFormat::json, out);

  Log(output, "a").error("it broke", {{"why", "\"{}%v\n"}});

  nlohmann::json line = nlohmann::json::parse(out.str());
  EXPECT_THAT(line["time"].get<std::string>(), EndsWith("Z"));
  line.erase("time");
  EXPECT_EQ(
      line,
      (nlohmann::json{
          {"level", "error"}, {"component", "a"}, {"message", "it broke"}, {"why", "\"{}%v\n"}}));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  std::ostringstream out;
  LogOutput output(LogLevel::warn, LogFormat::text, out);
  const Log log(output, "a");

  log.info("no");
  EXPECT_EQ(out.str(), "");
  log.warn("yes");
  EXPECT_THAT(out.str(), EndsWith("warning a: yes\n"));
  output.set_level(LogLevel::debug);
  log.debug("yes");
  EXPECT_THAT(out.str(), EndsWith("debug   a: yes\n"));
}

TEST(Log, LevelsHaveNames) {
  EXPECT_EQ(parse_log_level("error").value_or(LogLevel::info), LogLevel::error);
  EXPECT_EQ(parse_log_level("debug").value_or(LogLevel::info), LogLevel::debug);
  EXPECT_THAT(parse_log_level("loud"),
              FailsWith(Code::invalid_argument, "want error, warn, info or debug, got 'loud'"));
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  std::ostringstream out;
  LogOutput output(LogLevel::info, LogFormat::json, out);
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&output] {
        for (int j = 0; j < 100; ++j) Log(output, "a").info("line", {{"n", j}});
      });
    }
  }
  std::istringstream lines(out.str());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_EQ(count, 400);
}

}  // namespace
}  // namespace sluice
