#include "pkg/kube/api_client.h"

#include <gtest/gtest.h>

#include <thread>

#include "test/support/temp_dir.h"
#include "test/support/test_pki.h"
#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSlices = "/apis/resource.k8s.io/v1/resourceslices";
constexpr const char* kSlice = "/apis/resource.k8s.io/v1/resourceslices/a";
constexpr const char* kNode = "/api/v1/nodes/n";

class Api : public KubeWorld {
 protected:
  json read(const std::string& path) { return json::parse(client->get(path).value_or("null")); }

  const std::unique_ptr<ApiClient> client = connect();
};

TEST_F(Api, CreatesReadsReplacesAndRemoves) {
  ASSERT_THAT(client->create(kSlices, R"({"metadata":{"name":"a"},"spec":{"x":1}})"), IsOk());
  json slice = read(kSlice);
  EXPECT_EQ(slice["spec"]["x"], 1);
  slice["spec"]["x"] = 2;
  ASSERT_THAT(client->replace(kSlice, slice.dump()), IsOk());
  EXPECT_EQ(server.object(kSlice)["spec"]["x"], 2);
  ASSERT_THAT(client->remove(kSlice), IsOk());
  EXPECT_EQ(server.object(kSlice), nullptr);
  EXPECT_THAT(client->remove(kSlice), IsOk()) << "gone is what was wanted";
}

TEST_F(Api, ErrorsCarryTheServersWords) {
  EXPECT_THAT(
      client->get(kNode),
      FailsWith(Code::not_found, "GET /api/v1/nodes/n: 404 NotFound: nodes \"n\" not found"));
  server.put(kSlice, {});
  EXPECT_THAT(client->create(kSlices, R"({"metadata":{"name":"a"}})"),
              FailsWith(Code::already_exists, "409 AlreadyExists"));
  EXPECT_THAT(client->replace(kSlice, R"({"metadata":{"name":"a","resourceVersion":"1"}})"),
              FailsWith(Code::busy, "409 Conflict"));
  EXPECT_THAT(client->remove(kSlice, R"({"preconditions":{"uid":"other"}})"),
              FailsWith(Code::busy, "409 Conflict"));
  EXPECT_THAT(client->create(kSlices, "no json"),
              FailsWith(Code::invalid_argument, "400 BadRequest"));
}

TEST_F(Api, PatchesInThreeWays) {
  server.put(kNode, {{"metadata", {{"annotations", {{"a", "1"}, {"b", "2"}}}}}});

  ASSERT_THAT(client->patch(kNode, {.kind = PatchKind::merge,
                                    .body = R"({"metadata":{"annotations":{"a":null,"c":"3"}}})"}),
              IsOk());
  EXPECT_EQ(server.object(kNode)["metadata"]["annotations"], (json{{"b", "2"}, {"c", "3"}}));

  ASSERT_THAT(client->patch(kNode, {.kind = PatchKind::json,
                                    .body = R"([{"op":"replace","path":"/metadata/annotations/b",)"
                                            R"("value":"9"}])"}),
              IsOk());
  EXPECT_EQ(server.object(kNode)["metadata"]["annotations"]["b"], "9");

  ASSERT_THAT(client->patch(kSlice, {.kind = PatchKind::apply,
                                     .body = R"({"spec":{"x":1}})",
                                     .field_manager = "sluice.dev"}),
              IsOk());
  EXPECT_EQ(server.object(kSlice)["spec"]["x"], 1);
  const FakeApiServer::Request apply = server.requests().back();
  EXPECT_EQ(apply.content_type, "application/apply-patch+yaml");
  EXPECT_EQ(apply.query.at("fieldManager"), "sluice.dev");
  EXPECT_EQ(apply.query.at("force"), "true");
}

TEST_F(Api, WritesAStatusAlone) {
  server.put(kNode, {{"spec", {{"x", 1}}}, {"status", {{"y", 1}}}});

  ASSERT_THAT(client->patch(std::string(kNode) + "/status",
                            {.body = R"({"spec":{"x":2},"status":{"y":2}})"}),
              IsOk());

  EXPECT_EQ(server.object(kNode)["spec"]["x"], 1);
  EXPECT_EQ(server.object(kNode)["status"]["y"], 2);
}

TEST_F(Api, WaitsAsLongAsAnOverloadedServerSays) {
  server.put(kNode, {});
  server.fail_next({.status = 429, .reason = "TooManyRequests", .retry_after = 3});
  server.fail_next({.status = 503, .retry_after = 4});

  EXPECT_THAT(client->get(kNode), IsOk());

  EXPECT_THAT(pauses.waits(), ElementsAre(seconds(3), seconds(4)));
}

TEST_F(Api, OverloadIsWaitedOutForACreationToo) {
  server.fail_next({.status = 429, .retry_after = 1});

  EXPECT_THAT(client->create(kSlices, R"({"metadata":{"name":"a"}})"), IsOk());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Api, ACreationThatMayHaveHappenedIsNotRepeated) {
  server.fail_next({.status = 500, .reason = "InternalError"});

  EXPECT_THAT(client->create(kSlices, R"({"metadata":{"name":"a"}})"),
              FailsWith(Code::internal, "500 InternalError: as the test wants it"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Api, GivesUpAfterItsAttempts) {
  for (int i = 0; i < 9; ++i) server.fail_next({.status = 500});

  EXPECT_THAT(client->get(kNode), FailsWith(Code::internal, "GET /api/v1/nodes/n: 500"));
  EXPECT_EQ(server.requests().size(), 5u);
  EXPECT_EQ(pauses.waits().size(), 4u);
}

TEST_F(Api, DoesNotWaitPastItsDeadline) {
  server.fail_next({.status = 429, .reason = "TooManyRequests", .retry_after = 3600});

  EXPECT_THAT(client->get(kNode), FailsWith(Code::busy, "429 TooManyRequests"));
  EXPECT_THAT(pauses.waits(), ElementsAre());
}

TEST_F(Api, GivesUpAServerThatHangsAndTriesAgain) {
  server.put(kNode, {});
  server.hang_next();
  ApiOptions hasty = options();
  hasty.attempt = milliseconds(500);  // Enough for an answer on a busy machine, too.
  ApiClient impatient({.server = server.url()}, hasty);

  EXPECT_THAT(impatient.get(kNode), IsOk());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Api, StopsWhileTheServerHangs) {
  server.hang_next();
  std::jthread stopper([&] {
    server.wait_for(1, [](const auto&) { return true; });
    stop.request_stop();
  });

  EXPECT_THAT(client->get(kNode), FailsWith(Code::timed_out, "stopped before the answer"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Api, NamesAServerThatIsAway) {
  ApiOptions once = options();
  once.attempts = 2;
  ApiClient lost({.server = "http://127.0.0.1:1"}, once);

  EXPECT_THAT(lost.get(kNode), FailsWith(Code::busy, "GET 'http://127.0.0.1:1/api/v1/nodes/n': "));
  EXPECT_EQ(pauses.waits().size(), 1u);
}

TEST_F(Api, SendsTheTokenThatIsInTheFileNow) {
  const TempDir dir;
  dir.write("token", "one\n");
  ApiClient with_token({.server = server.url(), .token_file = dir / "token"}, options());
  server.put(kNode, {});

  EXPECT_THAT(with_token.get(kNode), IsOk());
  dir.write("token", "two\n");
  EXPECT_THAT(with_token.get(kNode), IsOk());

  EXPECT_EQ(server.requests().at(0).authorization, "Bearer one");
  EXPECT_EQ(server.requests().at(1).authorization, "Bearer two");
}

TEST_F(Api, ReadsARefusedTokenAgain) {
  const TempDir dir;
  dir.write("token", "old");
  ApiClient with_token({.server = server.url(), .token_file = dir / "token"}, options());
  server.put(kNode, {});
  server.require_token("new", [&] { dir.write("token", "new"); });

  EXPECT_THAT(with_token.get(kNode), IsOk());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Api, ATokenThatStaysRefusedIsAnError) {
  server.require_token("other");
  ApiClient with_token({.server = server.url(), .token = "mine"}, options());

  EXPECT_THAT(with_token.get(kNode), FailsWith(Code::permission_denied, "401 Unauthorized"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(ApiOverTls, ShowsWhoItIs) {
  const TestPki pki;
  const TestCertificate own = pki.server();
  FakeApiServer server(
      {.certificate = own.certificate, .key = own.key, .client_authorities = pki.authority()});
  server.put(kNode, {});
  const TestCertificate mine = pki.client();
  pki.dir().write("config", fmt::format(R"(
current-context: c
contexts: [{{name: c, context: {{cluster: k, user: u}}}}]
clusters: [{{name: k, cluster: {{server: "{}", certificate-authority: ca.crt}}}}]
users: [{{name: u, user: {{client-certificate: client.crt, client-key: client.key}}}}]
)",
                                        server.url()));

  ASSERT_OK_AND_ASSIGN(const ClusterAccess access, read_kubeconfig(pki.dir() / "config"));
  ApiClient known(access);
  ApiClient unknown({.server = server.url(), .identity = {.authorities = pki.authority()}});
  ApiClient deceived(
      {.server = server.url(), .identity = {.authorities = pki.foreign_authority()}});

  EXPECT_THAT(known.get(kNode), IsOk());
  EXPECT_THAT(unknown.get(kNode),
              FailsWith(Code::permission_denied, "401: want a client certificate"));
  EXPECT_THAT(deceived.get(kNode), FailsWith(Code::permission_denied, "SSL certificate problem"));
}

}  // namespace
}  // namespace sluice
