#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <thread>

#include "test/support/test_pki.h"
#include "test/unit/http/http_world.h"

namespace sluice {
namespace {

/// A server with a certificate, and clients with various ideas of it.
class Tls : public testing::Test {
 protected:
  static HttpReply fine(const HttpCall& /*call*/) { return {.body = "fine"}; }

  std::unique_ptr<HttpServer> serve_tls(const std::string& client_authorities = "") const {
    const TestCertificate own = pki.server();
    return serve(fine, {.tls = {.certificate = own.certificate,
                                .key = own.key,
                                .client_authorities = client_authorities}});
  }

  static Result<HttpAnswer> ask(const HttpServer& server, const HttpIdentity& identity) {
    HttpClient client(identity, "test");
    return client.send({.url = url_of(server, "/", "https")});
  }

  /// As ask(), where the system trusts all authorities of the test; nullopt without the right to
  /// make it so. The thread's view of the disk ends with it.
  std::optional<Result<HttpAnswer>> ask_where_all_are_trusted(const HttpServer& server,
                                                              const HttpIdentity& identity) const {
    const std::string& trusted = pki.dir().path();
    pki.dir().write("ca-certificates.crt", pki.authority());
    const std::string name_by_hash = fmt::format("openssl rehash '{}' 2>/dev/null", trusted);
    EXPECT_EQ(std::system(name_by_hash.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
    std::optional<Result<HttpAnswer>> answer;
    std::jthread([&] {
      if (::unshare(CLONE_NEWNS) != 0) return;
      if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
      if (::mount(trusted.c_str(), "/etc/ssl/certs", nullptr, MS_BIND, nullptr) != 0) return;
      answer = ask(server, identity);
    }).join();
    return answer;
  }

  static HttpServerTls tls_of(const TestPki& of) {
    return {.certificate = of.server().certificate, .key = of.server().key};
  }

  static const TestPki& pki_of_all() {
    static const TestPki kMade;
    return kMade;
  }

  const TestPki& pki = pki_of_all();
};

TEST_F(Tls, TrustsAServerOfItsAuthority) {
  const auto server = serve_tls();

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, ask(*server, {.authorities = pki.authority()}));

  EXPECT_EQ(answer.body, "fine");
}

TEST_F(Tls, RefusesAServerOfAnotherAuthority) {
  const auto server = serve_tls();

  EXPECT_THAT(ask(*server, {.authorities = pki.foreign_authority()}),
              FailsWith(Code::permission_denied, "SSL certificate problem"));
  EXPECT_THAT(ask(*server, {}), FailsWith(Code::permission_denied, "SSL certificate problem"));
}

TEST_F(Tls, TrustsTheSystemOnlyWhenNoAuthorityIsGiven) {
  const auto server = serve_tls();

  const auto of_system = ask_where_all_are_trusted(*server, {});
  if (!of_system) GTEST_SKIP() << "needs the right to mount";
  const auto of_another =
      ask_where_all_are_trusted(*server, {.authorities = pki.foreign_authority()});

  EXPECT_THAT(*of_system, IsOk());
  EXPECT_THAT(*of_another, FailsWith(Code::permission_denied, "SSL certificate problem"));
}

TEST_F(Tls, AHandshakeThatFailsHasSentNothing) {
  // Plain HTTP answers a TLS greeting with nonsense.
  const auto server = serve(fine);

  EXPECT_THAT(ask(*server, {}), FailsWith(Code::busy, "SSL"));
}

TEST_F(Tls, RefusesAServerOfAnotherName) {
  const TestCertificate own =
      pki.server();  // For 127.0.0.1 alone; the whole of 127/8 is this host.
  const auto server = serve(
      fine, {.address = "127.0.0.2", .tls = {.certificate = own.certificate, .key = own.key}});
  HttpClient client({.authorities = pki.authority()}, "test");

  EXPECT_THAT(
      client.send({.url = fmt::format("https://127.0.0.2:{}/", server->port())}),
      FailsWith(Code::permission_denied, "no alternative certificate subject name matches"));
}

TEST_F(Tls, ShowsItsCertificate) {
  const auto server = serve_tls(pki.authority());
  const TestCertificate own = pki.client();

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, ask(*server, {.authorities = pki.authority(),
                                                              .certificate = own.certificate,
                                                              .key = own.key}));

  EXPECT_EQ(answer.status, 200);
}

TEST_F(Tls, ServerRefusesAClientWithoutCertificate) {
  const auto server = serve_tls(pki.authority());

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, ask(*server, {.authorities = pki.authority()}));

  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "want a client certificate\n");
}

TEST_F(Tls, ServerRefusesAClientOfAnotherAuthority) {
  const auto server = serve_tls(pki.foreign_authority());
  const TestCertificate own = pki.client();

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer, ask(*server, {.authorities = pki.authority(),
                                                              .certificate = own.certificate,
                                                              .key = own.key}));

  EXPECT_EQ(answer.status, 401);
}

TEST_F(Tls, ShowsARenewedCertificateToNewConnections) {
  const TestPki renewed;
  const auto server = serve_tls();

  EXPECT_TRUE(server->renew(tls_of(renewed)).value_or(false));

  EXPECT_THAT(ask(*server, {.authorities = renewed.authority()}), IsOk());
  EXPECT_THAT(ask(*server, {.authorities = pki.authority()}),
              FailsWith(Code::permission_denied, "SSL certificate problem"));
  EXPECT_FALSE(server->renew(tls_of(renewed)).value_or(true));
}

TEST_F(Tls, KeepsOpenConnectionsWhenItsCertificateIsRenewed) {
  const auto server = serve_tls();
  // Its next connection would not get past the renewed certificate.
  HttpClient client({.authorities = pki.authority()}, "test");
  ASSERT_THAT(client.send({.url = url_of(*server, "/", "https")}), IsOk());

  ASSERT_TRUE(server->renew(tls_of(TestPki())).value_or(false));

  EXPECT_THAT(client.send({.url = url_of(*server, "/", "https")}), IsOk());
}

TEST_F(Tls, JudgesRequestsOnOpenConnectionsByRenewedAuthorities) {
  const auto server = serve_tls(pki.authority());
  const TestCertificate own = pki.client();
  HttpClient client(
      {.authorities = pki.authority(), .certificate = own.certificate, .key = own.key}, "test");
  const auto status = [&] {
    const auto answer = client.send({.url = url_of(*server, "/", "https")});
    return answer ? answer->status : 0;
  };
  HttpServerTls tls = tls_of(pki);
  ASSERT_EQ(status(), 200);

  tls.client_authorities = pki.foreign_authority();
  ASSERT_TRUE(server->renew(tls).value_or(false));
  EXPECT_EQ(status(), 401);

  tls.client_authorities = pki.authority();
  ASSERT_TRUE(server->renew(tls).value_or(false));
  EXPECT_EQ(status(), 200);
}

TEST_F(Tls, ClosesTheConnectionOfAClientThatItRefuses) {
  // The client may have another certificate by now, and shows it on a new connection alone.
  const auto server = serve_tls(pki.foreign_authority());
  HttpClient client({.authorities = pki.authority()}, "test");
  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       client.send({.url = url_of(*server, "/", "https")}));
  ASSERT_EQ(answer.status, 401);

  HttpServerTls tls = tls_of(TestPki());
  tls.client_authorities = pki.foreign_authority();
  ASSERT_TRUE(server->renew(tls).value_or(false));

  EXPECT_THAT(client.send({.url = url_of(*server, "/", "https")}),
              FailsWith(Code::permission_denied, "SSL certificate problem"));
}

TEST_F(Tls, KeepsItsCertificateWhenTheRenewedOneCannotBeUsed) {
  const auto server = serve_tls(pki.authority());
  const HttpServerTls good{.certificate = pki.server().certificate,
                           .key = pki.server().key,
                           .client_authorities = pki.authority()};
  const auto renew_with = [&](auto member, const std::string& text) {
    HttpServerTls tls = good;
    tls.*member = text;
    return server->renew(tls);
  };

  EXPECT_THAT(renew_with(&HttpServerTls::key, TestPki().server().key),
              FailsWith(Code::invalid_argument, "certificate or key not usable"));
  EXPECT_THAT(renew_with(&HttpServerTls::certificate, "no"),
              FailsWith(Code::invalid_argument, "certificate or key not usable"));
  EXPECT_THAT(renew_with(&HttpServerTls::client_authorities, "no"),
              FailsWith(Code::invalid_argument, "authorities of clients not usable"));
  EXPECT_THAT(renew_with(&HttpServerTls::client_authorities, ""),
              FailsWith(Code::invalid_argument, "cannot begin or end TLS"));

  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       ask(*server, {.authorities = pki.authority(),
                                     .certificate = pki.client().certificate,
                                     .key = pki.client().key}));
  EXPECT_EQ(answer.status, 200);
}

TEST_F(Tls, NamesACertificateThatCannotBeUsed) {
  const auto server = serve_tls();

  EXPECT_THAT(HttpServer::start({.tls = {.certificate = "no", .key = "no"}}, {}),
              FailsWith(Code::invalid_argument, "certificate or key not usable"));
  EXPECT_THAT(ask(*server, {.authorities = pki.authority(), .certificate = "no", .key = "no"}),
              FailsWith(Code::invalid_argument, "certificate"));
}

}  // namespace
}  // namespace sluice
