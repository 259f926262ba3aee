#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pkg/base/backoff.h"
#include "pkg/kube/api_status.h"
#include "pkg/kube/retry.h"
#include "pkg/kube/url.h"
#include "pkg/kube/watch_event.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Url, EncodesWhatIsNotPlain) {
  EXPECT_EQ(with_query("/a", {}), "/a");
  EXPECT_EQ(with_query("/a", {{"fieldSelector", "metadata.name=n,x"}, {"b", "ü~"}}),
            "/a?fieldSelector=metadata.name%3Dn%2Cx&b=%C3%BC~");
}

TEST(ApiStatus, BecomesAnErrorWithTheServersWords) {
  struct Row {
    int status;
    std::string reason;
    Code code;
  };
  const std::vector<Row> rows = {{400, "BadRequest", Code::invalid_argument},
                                 {401, "Unauthorized", Code::permission_denied},
                                 {403, "Forbidden", Code::permission_denied},
                                 {404, "NotFound", Code::not_found},
                                 {405, "MethodNotAllowed", Code::unsupported},
                                 {409, "AlreadyExists", Code::already_exists},
                                 {409, "Conflict", Code::busy},
                                 {410, "Expired", Code::data_loss},
                                 {413, "RequestEntityTooLarge", Code::exhausted},
                                 {415, "UnsupportedMediaType", Code::unsupported},
                                 {422, "Invalid", Code::invalid_argument},
                                 {429, "TooManyRequests", Code::busy},
                                 {500, "InternalError", Code::internal},
                                 {503, "ServiceUnavailable", Code::busy},
                                 {504, "Timeout", Code::timed_out}};
  for (const Row& row : rows) {
    const nlohmann::json body = {
        {"kind", "Status"}, {"code", row.status}, {"reason", row.reason}, {"message", "the words"}};
    const Error error = to_error(parse_api_status(500, body.dump()));
    EXPECT_EQ(error.code(), row.code) << row.status;
    EXPECT_EQ(error.message(), fmt::format("{} {}: the words", row.status, row.reason));
  }
}

TEST(ApiStatus, CopesWithAnswersThatAreNone) {
  EXPECT_EQ(to_error(parse_api_status(502, " <html>bad gateway</html>\n")).message(),
            "502: <html>bad gateway</html>");
  EXPECT_EQ(to_error(parse_api_status(503, "")).message(), "503");
  EXPECT_EQ(
      to_error(parse_api_status(500, R"({"kind":"Status","code":"x","message":7})")).message(),
      "500");
  EXPECT_EQ(parse_api_status(500, std::string(9999, 'x')).message.size(), 512u);
}

HttpAnswer answer(int status, std::optional<seconds> retry_after = std::nullopt) {
  return {.status = status, .body = "", .retry_after = retry_after};
}

class Retry : public testing::Test {
 protected:
  std::optional<milliseconds> delay(const Result<HttpAnswer>& after, Repeatable repeatable) {
    return retry_delay(after, repeatable, backoff);
  }

  // One value, so that tests can name it.
  SpreadBackoff backoff{{.first = milliseconds(0), .longest = milliseconds(0)}, 1};
  const milliseconds back_off{0};
};

TEST_F(Retry, DoesWhatTheServerAsks) {
  EXPECT_EQ(delay(answer(429, seconds(7)), Repeatable::no), seconds(7));
  EXPECT_EQ(delay(answer(503, seconds(7)), Repeatable::no), seconds(7));
}

TEST_F(Retry, RepeatsWhatWasNotCarriedOut) {
  EXPECT_EQ(delay(answer(429), Repeatable::no), back_off);
  EXPECT_EQ(delay(Error(Code::busy, "connect"), Repeatable::no), back_off);
}

TEST_F(Retry, RepeatsWhatMayHappenTwiceOnly) {
  EXPECT_EQ(delay(answer(500), Repeatable::yes), back_off);
  EXPECT_EQ(delay(answer(500), Repeatable::no), std::nullopt);
  EXPECT_EQ(delay(Error(Code::timed_out, "lost"), Repeatable::yes), back_off);
  EXPECT_EQ(delay(Error(Code::timed_out, "lost"), Repeatable::no), std::nullopt);
}

TEST_F(Retry, DoesNotRepeatWhatIsRefused) {
  for (const int status : {400, 401, 403, 404, 409, 410, 422}) {
    EXPECT_EQ(delay(answer(status), Repeatable::yes), std::nullopt) << status;
  }
  EXPECT_EQ(delay(Error(Code::permission_denied, "certificate"), Repeatable::yes), std::nullopt);
}

TEST(Pause, EndsWithTheStop) {
  std::stop_source stop;
  stop.request_stop();
  pause_for(std::chrono::hours(1), stop.get_token());  // Would outlast the test otherwise.
}

TEST(WatchEvent, ReadsTheThreeKinds) {
  nlohmann::json object;
  const auto line = [](const std::string& type) {
    return R"({"type":")" + type + R"(","object":{"metadata":{"name":"n","resourceVersion":"7"}}})";
  };
  for (const auto& [type, kind] :
       std::map<std::string, WatchEvent::Kind>{{"ADDED", WatchEvent::Kind::changed},
                                               {"MODIFIED", WatchEvent::Kind::changed},
                                               {"DELETED", WatchEvent::Kind::removed},
                                               {"BOOKMARK", WatchEvent::Kind::bookmark}}) {
    ASSERT_OK_AND_ASSIGN(const WatchEvent event, parse_watch_event(line(type), object));
    EXPECT_EQ(event.kind, kind);
    EXPECT_EQ(event.version, "7");
    EXPECT_EQ(object["metadata"]["name"], "n");
  }
}

TEST(WatchEvent, AnErrorEventIsAnError) {
  nlohmann::json object;
  EXPECT_THAT(parse_watch_event(R"({"type":"ERROR","object":{"kind":"Status","metadata":{},)"
                                R"("code":410,"reason":"Expired","message":"too old"}})",
                                object),
              FailsWith(Code::data_loss, "410 Expired: too old"));
}

TEST(WatchEvent, NestingBeyondReasonIsNoDanger) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  nlohmann::json object;
  EXPECT_THAT(parse_watch_event(R"({"type":"ERROR","object":{"x":)" + deep + "}}", object),
              FailsWith(Code::invalid_argument, "want a watch event"));
  EXPECT_EQ(parse_api_status(500, deep).code, 500);
}

TEST(WatchEvent, RefusesWhatIsNone) {
  nlohmann::json object;
  for (const std::string line :
       {"", "{", "[]", "7", R"({"type":"ADDED"})", R"({"type":7,"object":{}})",
        R"({"type":"ADDED","object":7})", R"({"type":"ADDED","object":{}})",
        R"({"type":"ADDED","object":{"metadata":7}})",
        R"({"type":"ADDED","object":{"metadata":{"resourceVersion":7}}})",
        R"({"type":"WHAT","object":{"metadata":{"resourceVersion":"7"}}})"}) {
    EXPECT_THAT(parse_watch_event(line, object),
                FailsWith(Code::invalid_argument, "want a watch event, got '"))
        << line;
  }
}

TEST(LineSplitter, CutsAtEveryBoundary) {
  const std::string text = "one\n\ntwo\nthree";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineSplitter splitter(100);
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    };
    EXPECT_THAT(splitter.add(text.substr(0, cut), take), IsOk());
    EXPECT_THAT(splitter.add(text.substr(cut), take), IsOk());
    EXPECT_THAT(lines, testing::ElementsAre("one", "two")) << cut;
  }
}

TEST(LineSplitter, StopsWhenToldAndAtItsLimit) {
  LineSplitter splitter(3);
  int taken = 0;
  const auto once = [&](std::string_view) {
    ++taken;
    return false;
  };
  ASSERT_OK_AND_ASSIGN(const bool more, splitter.add("a\nb\n", once));
  EXPECT_FALSE(more);
  EXPECT_EQ(taken, 1);
  EXPECT_THAT(splitter.add("abc", once), IsOk());
  EXPECT_THAT(splitter.add("d", once), FailsWith(Code::exhausted, "line longer than 3 bytes"));
}

}  // namespace
}  // namespace sluice
