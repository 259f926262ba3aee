#include "pkg/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include "pkg/base/unique_fd.h"
#include "test/unit/http/http_world.h"

namespace sluice {
namespace {

using std::chrono::seconds;

HttpReply fine(const HttpCall& /*call*/) {
  return {.body = "fine"};
}

UniqueFd connect_to(const HttpServer& server) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return socket;
}

/// Writes `text` and reads until the server closes.
std::string converse(const UniqueFd& socket, const std::string& text) {
  EXPECT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
  std::string heard;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 1; got > 0;) {
    got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) heard.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return heard;
}

/// Sends `start`, and then a byte whenever the server has not closed for a while. Whether it closed
/// before it had `most` of them.
bool is_cut_while_trickling(const UniqueFd& socket, const std::string& start, int most) {
  constexpr int kPaceMs = 50;
  static_cast<void>(::send(socket.get(), start.data(), start.size(), MSG_NOSIGNAL));
  for (int sent = 0; sent < most; ++sent) {
    pollfd heard{.fd = socket.get(), .events = POLLIN, .revents = 0};
    if (::poll(&heard, 1, kPaceMs) > 0) return true;
    if (::send(socket.get(), "x", 1, MSG_NOSIGNAL) != 1) return true;
  }
  return false;
}

TEST(HttpServer, AnswersWithStatusHeadersAndType) {
  const auto server = serve([](const HttpCall& /*call*/) {
    return HttpReply{.status = 201,
                     .body = "{}",
                     .content_type = "application/json",
                     .headers = {{"X-Lane", "7"}}};
  });

  const std::string heard =
      converse(connect_to(*server), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(heard, testing::StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(heard, testing::HasSubstr("X-Lane: 7\r\n"));
  EXPECT_THAT(heard, testing::HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(heard, testing::EndsWith("\r\n\r\n{}"));
}

TEST(HttpServer, RefusesABodyThatIsAnnouncedTooLong) {
  const auto server = serve(fine, {.body_limit = 10});
  HttpClient client({}, "test");

  ASSERT_OK_AND_ASSIGN(
      const HttpAnswer at_limit,
      client.send({.method = "POST", .url = url_of(*server), .body = "0123456789"}));
  ASSERT_OK_AND_ASSIGN(
      const HttpAnswer above,
      client.send({.method = "POST", .url = url_of(*server), .body = "0123456789a"}));

  EXPECT_EQ(at_limit.status, 200);
  EXPECT_EQ(above.status, 413);
  EXPECT_EQ(above.body, "request too long\n");
}

TEST(HttpServer, CutsABodyThatTurnsOutTooLong) {
  std::atomic<bool> called = false;
  const auto server = serve(
      [&](const HttpCall& call) {
        called = true;
        return fine(call);
      },
      {.body_limit = 10});

  const std::string heard =
      converse(connect_to(*server),
               "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
               "b\r\n0123456789a\r\n0\r\n\r\n");

  EXPECT_EQ(heard, "");
  EXPECT_FALSE(called);
}

TEST(HttpServer, RefusesHeadersWithoutEnd) {
  const auto server = serve(fine);

  const std::string heard = converse(
      connect_to(*server), "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1u << 16, 'x'));

  EXPECT_THAT(heard, testing::AnyOf("", testing::HasSubstr(" 431 "), testing::HasSubstr(" 413 ")));
}

TEST(HttpServer, ClosesAConnectionThatSaysNothing) {
  const auto server = serve(fine, {.deadline = seconds(1)});

  // Returns because the server closes; the test's own time limit is the other end.
  EXPECT_EQ(converse(connect_to(*server), "GET / HT"), "");
}

TEST(HttpServer, CutsARequestThatTricklesInForTooLong) {
  const auto server = serve(fine, {.deadline = seconds(1)});

  EXPECT_TRUE(is_cut_while_trickling(connect_to(*server), "GET / HTTP/1.1\r\nHost: x\r\nX: ", 400));
  EXPECT_TRUE(is_cut_while_trickling(
      connect_to(*server), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", 400));
}

TEST(HttpServer, AnswersThoughSilentConnectionsFillTheLimitOfTheirAddress) {
  const auto server = serve(fine, {.connections = 16, .deadline = seconds(3600)});
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(connect_to(*server));

  std::string heard;
  for (int tries = 0; tries < 200 && heard.empty(); ++tries) {  // As a probe is repeated.
    heard = converse(connect_to(*server), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  EXPECT_THAT(heard, testing::EndsWith("fine"));
}

TEST(HttpServer, LimitsConnectionsOfOneAddress) {
  std::atomic<int> busy = 0;
  std::atomic<bool> is_over = false;
  const auto server = serve(
      [&](const HttpCall& call) {
        ++busy;
        busy.notify_all();
        is_over.wait(false);
        return fine(call);
      },
      {.connections = 4});
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  std::vector<std::jthread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] { converse(connect_to(*server), request); });
    busy.wait(i);
  }

  EXPECT_EQ(converse(connect_to(*server), ""), "");  // Closed at once; the first two still wait.

  is_over = true;
  is_over.notify_all();
}

TEST(HttpServer, TellsStreamsToStopAndWaitsForThem) {
  std::atomic<bool> started = false;
  std::atomic<bool> ended = false;
  auto server = serve([&](const HttpCall& /*call*/) {
    return HttpReply{.stream = [&](const std::stop_token& stop) -> std::optional<std::string> {
      started = true;
      started.notify_all();
      std::atomic<bool> stopped = false;
      const std::stop_callback wake(stop, [&] {
        stopped = true;
        stopped.notify_all();
      });
      stopped.wait(false);
      ended = true;
      return std::nullopt;
    }};
  });
  HttpClient client({}, "test");
  const std::string url = url_of(*server);
  std::jthread caller([&] { static_cast<void>(client.send({.url = url})); });
  started.wait(false);

  server.reset();

  EXPECT_TRUE(ended);
}

TEST(HttpServer, NamesAPortThatIsTaken) {
  const auto first = serve(fine);

  const auto second = HttpServer::start({.port = first->port()}, {});

  EXPECT_THAT(second,
              FailsWith(Code::internal,
                        fmt::format("listen on '127.0.0.1' port {}: EADDRINUSE", first->port())));
}

TEST(HttpServer, WantsANumericAddress) {
  EXPECT_THAT(
      HttpServer::start({.address = "localhost"}, {}),
      FailsWith(Code::invalid_argument, "want a numeric address to listen on, got 'localhost'"));
}

TEST(HttpServer, ListensOnIpv6) {
  auto server = HttpServer::start({.address = "::1"}, {{"GET", "/", fine}});
  if (!server && server.error().sys_errno() == EADDRNOTAVAIL) GTEST_SKIP() << "no IPv6 here";
  ASSERT_THAT(server, IsOk());
  HttpClient client({}, "test");

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       client.send({.url = fmt::format("http://[::1]:{}/", (*server)->port())}));

  EXPECT_EQ(answer.body, "fine");
}

}  // namespace
}  // namespace sluice
