#include "agent/published/inventory_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "agent/published/inventory_routes.h"
#include "pkg/http/client.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"
#include "test/support/test_pki.h"

namespace sluice {
namespace {

using testing::HasSubstr;

TEST(InventoryOptions, ItIsServedNowhereByDefault) {
  EXPECT_THAT(check(InventoryOptions()), IsOk());
}

TEST(InventoryOptions, OnTheHostAloneNothingElseIsNeeded) {
  for (const char* const address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_THAT(check({.address = address}), IsOk()) << address;
  }
}

TEST(InventoryOptions, OffTheHostTlsAndATokenAreNeeded) {
  const std::string want = "--inventory-tls-cert, --inventory-tls-key and --inventory-token-file";
  for (const char* const address :
       {"0.0.0.0", "::", "192.0.2.1", "fe80::1", "::ffff:127.0.0.1", "localhost", "128.0.0.1"}) {
    EXPECT_THAT(check({.address = address}), FailsWith(Code::invalid_argument, want)) << address;
    EXPECT_THAT(check({.address = address, .token_file = "t"}),
                FailsWith(Code::invalid_argument, want));
    EXPECT_THAT(check({.address = address, .tls_certificate = "c", .tls_key = "k"}),
                FailsWith(Code::invalid_argument, want));
    EXPECT_THAT(
        check({.address = address, .tls_certificate = "c", .tls_key = "k", .token_file = "t"}),
        IsOk());
  }
}

TEST(InventoryOptions, HalfAKeyPairAndFilesWithoutAnAddressAreMistakes) {
  EXPECT_THAT(check({.address = "::1", .tls_certificate = "c"}),
              FailsWith(Code::invalid_argument, "are given together"));
  EXPECT_THAT(check({.token_file = "t"}),
              FailsWith(Code::invalid_argument, "--inventory-address says where"));
}

class Inventory : public testing::Test {
 protected:
  Inventory() {
    dir_.write("token", "secret\n");
    options_ = {.address = "127.0.0.1",
                .port = 0,
                .tls_certificate = pki_.dir() / "server.crt",
                .tls_key = pki_.dir() / "server.key",
                .token_file = dir_ / "token"};
    node_.config = std::make_shared<const Config>();
    latest_.keep(node_, {});
  }

  Result<std::unique_ptr<InventoryServer>> start() {
    return InventoryServer::start(options_, inventory_routes(latest_, lists_),
                                  Log(output_, "inventory"));
  }

  HttpAnswer get(const InventoryServer& server, const std::string& path,
                 const std::string& authorization = "Bearer secret") const {
    HttpClient client({.authorities = pki_.authority()}, "test");
    HttpRequest request{.url = fmt::format("{}://127.0.0.1:{}{}",
                                           options_.has_tls() ? "https" : "http", server.port(),
                                           path)};
    if (!authorization.empty()) request.headers.push_back("Authorization: " + authorization);
    auto answer = client.send(request);
    EXPECT_THAT(answer, IsOk());
    return answer ? *answer : HttpAnswer{};
  }

  TestPki pki_;
  TempDir dir_;
  NodeState node_;
  LatestNode latest_;
  FakeKernel kernel_;
  VfLists lists_{kernel_.links()};
  InventoryOptions options_;
  std::ostringstream log_;
  LogOutput output_{LogLevel::debug, LogFormat::text, log_};
};

TEST_F(Inventory, AnswersWhoShowsTheToken) {
  ASSERT_OK_AND_ASSIGN(const auto server, start());
  EXPECT_EQ(get(*server, "/getpfs").body, "[]\n");
  EXPECT_EQ(get(*server, "/v1/ports").body, "{\"ports\":[]}\n");
  EXPECT_EQ(get(*server, "/v1/nothing").status, 404);
}

TEST_F(Inventory, AnswersNobodyElse) {
  ASSERT_OK_AND_ASSIGN(const auto server, start());
  for (const char* const wrong :
       {"", "Bearer", "Bearer ", "Bearer secres", "Bearer secret2", "secret", "Basic secret"}) {
    for (const char* const path : {"/getpfs", "/v1/ports"}) {
      const HttpAnswer answer = get(*server, path, wrong);
      EXPECT_EQ(answer.status, 401) << wrong;
      EXPECT_THAT(answer.body, testing::Not(HasSubstr("[")));
    }
  }
}

TEST_F(Inventory, ANewTokenCountsAtOnceAndAMissingOneIsNoToken) {
  ASSERT_OK_AND_ASSIGN(const auto server, start());
  dir_.write("token", "other");
  EXPECT_EQ(get(*server, "/getpfs", "Bearer secret").status, 401);
  EXPECT_EQ(get(*server, "/getpfs", "Bearer other").status, 200);
  dir_.write("token", "\n");
  EXPECT_EQ(get(*server, "/getpfs", "Bearer ").status, 503);
}

TEST_F(Inventory, DoesNotStartWithoutItsFiles) {
  dir_.write("token", " \n");
  EXPECT_THAT(start(), FailsWith(Code::invalid_argument, "the token of the inventory in '"));
  options_.token_file = dir_ / "absent";
  EXPECT_THAT(start(), FailsWith(Code::not_found, "read the token of the inventory: no file"));
  options_.token_file.clear();
  options_.tls_key = dir_ / "absent";
  EXPECT_THAT(start(), FailsWith(Code::not_found, "read the certificate's key: no file"));
}

TEST_F(Inventory, OnTheHostAloneItCanBePlain) {
  options_ = {.address = "127.0.0.1", .port = 0};
  ASSERT_OK_AND_ASSIGN(const auto server, start());
  const HttpAnswer answer = get(*server, "/getpfs", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "[]\n");
}

TEST_F(Inventory, SaysThatTheNodeIsNotReadYetInsteadOfThatItHasNothing) {
  LatestNode unread;
  ASSERT_OK_AND_ASSIGN(
      const auto server,
      InventoryServer::start({.address = "127.0.0.1", .port = 0}, inventory_routes(unread, lists_),
                             Log(output_, "inventory")));
  options_ = {};
  EXPECT_EQ(get(*server, "/getpfs", "").status, 503);
  EXPECT_EQ(get(*server, "/v1/ports", "").status, 503);
}

TEST_F(Inventory, TakesUpARenewedCertificate) {
  const TestPki renewed;
  ASSERT_OK_AND_ASSIGN(const auto server, start());
  pki_.dir().write("server.crt", renewed.server().certificate);
  pki_.dir().write("server.key", renewed.server().key);

  server->refresh();

  HttpClient client({.authorities = renewed.authority()}, "test");
  const auto answer =
      client.send({.url = fmt::format("https://127.0.0.1:{}/getpfs", server->port()),
                   .headers = {"Authorization: Bearer secret"}});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 200);
}

}  // namespace
}  // namespace sluice
