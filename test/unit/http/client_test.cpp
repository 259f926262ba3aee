#include "pkg/http/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "test/unit/http/http_world.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::Optional;

HttpReply echo(const HttpCall& call) {
  return {.body = fmt::format("{} {} {}", call.method, call.path, call.body)};
}

/// Sends pieces until it is stopped, or `count` of them.
HttpHandler pieces(int count) {
  return [count](const HttpCall& /*call*/) {
    return HttpReply{.stream = [left = count](const std::stop_token& stop) mutable {
      return stop.stop_requested() || left-- <= 0 ? std::nullopt : std::optional<std::string>("x");
    }};
  };
}

/// Answers when it is told to, or at the end of the test.
class Hanging {
 public:
  HttpReply operator()() const {
    called_.store(true);
    called_.notify_all();
    released_.wait(false);
    return {};
  }

  void wait_for_call() const { called_.wait(false); }

  ~Hanging() = default;

  void release() {
    released_.store(true);
    released_.notify_all();
  }

 private:
  mutable std::atomic<bool> called_ = false;
  std::atomic<bool> released_ = false;
};

TEST(HttpClient, CarriesMethodAndBodyOfEveryVerb) {
  const auto server = serve(echo);
  HttpClient client({}, "test");
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    ASSERT_OK_AND_ASSIGN(
        const HttpAnswer answer,
        client.send({.method = method, .url = url_of(*server, "/a%20b?c=d"), .body = "body"}));
    EXPECT_EQ(answer.body, method + " /a b body");
  }
  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, client.send({.url = url_of(*server)}));
  EXPECT_EQ(answer.body, "GET / ");
}

TEST(HttpClient, SendsAnEmptyBodyAndAMegabyte) {
  const auto server = serve(
      [](const HttpCall& call) { return HttpReply{.body = std::to_string(call.body.size())}; });
  HttpClient client({}, "test");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1} << 20}) {
    ASSERT_OK_AND_ASSIGN(
        const HttpAnswer answer,
        client.send({.method = "POST", .url = url_of(*server), .body = std::string(size, 'x')}));
    EXPECT_EQ(answer.body, std::to_string(size));
  }
}

TEST(HttpClient, SendsHeadersAndItsName) {
  const auto server = serve([](const HttpCall& call) {
    return HttpReply{.body = call.headers.at("authorization") + "," +
                             call.headers.at("user-agent") + "," + call.query.at("q")};
  });
  HttpClient client({}, "sluice/test");

  ASSERT_OK_AND_ASSIGN(
      const HttpAnswer answer,
      client.send({.url = url_of(*server, "/?q=a%2Cb"), .headers = {"Authorization: Bearer t"}}));

  EXPECT_EQ(answer.body, "Bearer t,sluice/test,a,b");
}

TEST(HttpClient, AnyStatusIsAnAnswer) {
  const auto server = serve([](const HttpCall& /*call*/) {
    return HttpReply{.status = 429, .body = "later", .headers = {{"Retry-After", "7"}}};
  });
  HttpClient client({}, "test");

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, client.send({.url = url_of(*server)}));

  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, "later");
  EXPECT_THAT(answer.retry_after, Optional(std::chrono::seconds(7)));
}

TEST(HttpClient, NamesAServerThatIsNotThere) {
  const std::string url = url_of(*serve(echo));  // Gone at the end of this line.
  HttpClient client({}, "test");

  EXPECT_THAT(client.send({.url = url}),
              FailsWith(Code::busy, "GET '" + url + "': Failed to connect"));
}

TEST(HttpClient, RefusesOtherProtocols) {
  HttpClient client({}, "test");

  EXPECT_THAT(client.send({.url = "file:///etc/hostname"}),
              FailsWith(Code::invalid_argument, "Protocol \"file\" not supported"));
}

TEST(HttpClient, GivesUpAnAnswerThatIsTooLong) {
  const auto server =
      serve([](const HttpCall& /*call*/) { return HttpReply{.body = std::string(1001, 'x')}; });
  HttpClient client({}, "test");

  EXPECT_THAT(client.send({.url = url_of(*server), .answer_limit = 1000}),
              FailsWith(Code::exhausted, "answer longer than 1000 bytes"));
  EXPECT_THAT(client.send({.url = url_of(*server), .answer_limit = 1001}), IsOk());
}

TEST(HttpClient, GivesUpAtItsDeadline) {
  Hanging hanging;
  const auto server = serve([&](const HttpCall& /*call*/) { return hanging(); });
  HttpClient client({}, "test");

  EXPECT_THAT(client.send({.url = url_of(*server), .deadline = milliseconds(20)}),
              FailsWith(Code::timed_out, "timed out"));
  hanging.release();
}

TEST(HttpClient, StopsAWaitingRequest) {
  Hanging hanging;
  const auto server = serve([&](const HttpCall& /*call*/) { return hanging(); });
  HttpClient client({}, "test");
  std::stop_source stop;
  std::jthread stopper([&] {
    hanging.wait_for_call();
    stop.request_stop();
  });

  // Without the stop this test would run into the deadline, an hour later.
  EXPECT_THAT(
      client.send(
          {.url = url_of(*server), .deadline = std::chrono::hours(1), .stop = stop.get_token()}),
      FailsWith(Code::timed_out, "stopped before the answer was complete"));
  hanging.release();
}

TEST(HttpClient, DoesNotSendWhatIsStoppedAlready) {
  std::atomic<int> calls = 0;
  const auto server = serve([&](const HttpCall& call) {
    ++calls;
    return echo(call);
  });
  HttpClient client({}, "test");
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THAT(client.send({.url = url_of(*server), .stop = stop.get_token()}),
              FailsWith(Code::timed_out, "stopped"));
  EXPECT_EQ(calls, 0);
}

TEST(HttpClient, HandsABodyOverAsItComes) {
  const auto server = serve(pieces(3));
  HttpClient client({}, "test");
  std::string seen;

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       client.stream({.url = url_of(*server)}, [&](std::string_view piece) {
                         seen += piece;
                         return true;
                       }));

  EXPECT_EQ(seen, "xxx");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST(HttpClient, EndsAStreamWhenTheSinkHasEnough) {
  const auto server = serve(pieces(1'000'000));
  HttpClient client({}, "test");
  int calls = 0;

  EXPECT_THAT(
      client.stream({.url = url_of(*server)}, [&](std::string_view) { return ++calls < 2; }),
      IsOk());
  EXPECT_EQ(calls, 2);
}

TEST(HttpClient, StopsAStream) {
  const auto server = serve(pieces(1'000'000'000));
  HttpClient client({}, "test");
  std::stop_source stop;

  EXPECT_THAT(
      client.stream(
          {.url = url_of(*server), .deadline = std::chrono::hours(1), .stop = stop.get_token()},
          [&](std::string_view) {
            stop.request_stop();
            return true;
          }),
      FailsWith(Code::timed_out, "stopped"));
}

TEST(HttpClient, CollectsTheBodyOfAStreamThatIsRefused) {
  const auto server =
      serve([](const HttpCall& /*call*/) { return HttpReply{.status = 410, .body = "gone"}; });
  HttpClient client({}, "test");

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       client.stream({.url = url_of(*server)}, [](std::string_view) {
                         ADD_FAILURE() << "the sink is for good answers";
                         return true;
                       }));

  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.body, "gone");
}

TEST(HttpClient, ServesManyThreadsAtOnce) {
  const auto server = serve(echo);
  HttpClient client({}, "test");
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) {
          if (client.send({.url = url_of(*server)})) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace sluice
