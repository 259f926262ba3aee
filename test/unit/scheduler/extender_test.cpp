#include "test/support/test_pki.h"
#include "test/unit/scheduler/replica_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(Clusters, RefuseBodiesThatMakeNoSense) {
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  const auto error_of = [&](const std::string& verb, const std::string& body) {
    const HttpAnswer answer = replica.ask("/scheduler/" + verb, body, "POST");
    EXPECT_EQ(answer.status, 200);
    return json::parse(answer.body)["Error"].get<std::string>();
  };
  EXPECT_THAT(error_of("filter", "{"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("filter", R"({"Pod":7,"NodeNames":[]})"), HasSubstr("Pod: want an object"));
  EXPECT_THAT(error_of("filter", R"({"Pod":{"a":1,"a":2},"NodeNames":[]})"),
              HasSubstr("/a: is there twice"));
  EXPECT_THAT(error_of("filter", R"({"Pod":)" + std::string(1'000'000, '[')),
              HasSubstr("nested deeper"));
  EXPECT_THAT(error_of("rdma_scheduling", ""), HasSubstr("want an object"));
  EXPECT_THAT(error_of("bind", "[]"), HasSubstr("want an object"));
  EXPECT_EQ(replica.ask("/scheduler/prioritize", "{", "POST").status, 400);
  EXPECT_EQ(replica.ask("/scheduler/filter", "", "GET").status, 405);
  EXPECT_EQ(replica.ask("/scheduler/preempt", "{}", "POST").status, 404);
}

TEST_F(Clusters, RefuseBodiesAboveTheirLimit) {
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  std::string body = R"({"NodeNames":[],"Pod":{"metadata":{"annotations":{"x":")";
  body.resize(kLongestBody - 5, 'x');
  body += R"("}}}})";
  EXPECT_EQ(replica.ask("/scheduler/filter", body, "POST").status, 200);
  EXPECT_EQ(replica.ask("/scheduler/filter", body + " ", "POST").status, 413);
}

TEST_F(Clusters, AnswerThePapersRoute) {
  add_node("small", {pods_port(0, 10)});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  json pod = pod_object("p", {});
  pod["metadata"]["annotations"][std::string(kPapersAnnotation)] =
      R"([{"min_tx_rate":15000,"max_tx_rate":20000},{"min_tx_rate":5000},{}])";
  const json nodes = {
      {"items", {{{"metadata", {{"name", "n"}}}}, {{"metadata", {{"name", "small"}}}}}}};

  const json answer =
      replica.post("rdma_scheduling", {{"Pod", pod}, {"Nodes", nodes}, {"NodeNames", nullptr}});
  EXPECT_EQ(
      answer,
      json(
          {{"Nodes", {{"metadata", json::object()}, {"items", {{{"metadata", {{"name", "n"}}}}}}}},
           {"NodeNames", nullptr},
           {"FailedNodes",
            {{"small", "RDMA Scheduler Extension: Node did not have enough free RDMA resources."}}},
           {"Error", ""}}));
  EXPECT_EQ(
      replica.post("rdma_scheduling", {{"Pod", pod}, {"NodeNames", {"small", "n"}}})["NodeNames"],
      json({"n"}));
}

/// A replica that answers clients with a certificate alone.
class Certificates : public Clusters {
 protected:
  Certificates() {
    options.no_leader_election = true;
    options.port = 0;
    options.tls_cert = pki.dir() / "server.crt";
    options.tls_key = pki.dir() / "server.key";
    options.client_ca = pki.dir() / "ca.crt";
  }

  Result<std::unique_ptr<Scheduler>> start() {
    return Scheduler::start(options, {.server = server.url()}, output,
                            {.tls = std::chrono::milliseconds(5)});
  }

  /// The status that a client of `of` gets on a new connection; 0 where it trusts another server.
  static int status(const Scheduler& scheduler, const TestPki& of, bool has_certificate = true) {
    HttpIdentity identity{.authorities = of.authority()};
    if (has_certificate) {
      identity.certificate = of.client().certificate;
      identity.key = of.client().key;
    }
    HttpClient client(identity, "kube-scheduler");
    const auto answer =
        client.send({.method = "POST",
                     .url = fmt::format("https://127.0.0.1:{}/scheduler/bind", scheduler.port()),
                     .body = "{}"});
    return answer ? answer->status : 0;
  }

  const TestPki pki;
  SchedulerOptions options;
  std::ostringstream log;
  LogOutput output{LogLevel::info, LogFormat::text, log};
};

TEST_F(Certificates, AreAskedOfClients) {
  ASSERT_OK_AND_ASSIGN(const auto scheduler, start());
  EXPECT_EQ(status(*scheduler, pki, false), 401);
  EXPECT_EQ(status(*scheduler, pki), 200);
}

TEST_F(Certificates, ThatAreRenewedAreTakenUpWithoutARestart) {
  const TestPki renewed;
  ASSERT_OK_AND_ASSIGN(const auto scheduler, start());
  pki.dir().write("server.crt", renewed.server().certificate);
  pki.dir().write("server.key", renewed.server().key);
  pki.dir().write("ca.crt", renewed.authority());

  EXPECT_TRUE(eventually([&] { return status(*scheduler, renewed) == 200; }));
  EXPECT_EQ(status(*scheduler, renewed, false), 401);
}

TEST_F(Certificates, OfClientsAreAskedForWhateverTheFileOfAuthoritiesHolds) {
  pki.dir().write("ca.crt", "");
  EXPECT_THAT(start(), FailsWith(Code::invalid_argument, "the authorities of clients in '"));
}

TEST_F(Clusters, RefuseOptionsThatMakeNoSense) {
  std::ostringstream log;
  LogOutput output(LogLevel::info, LogFormat::text, log);
  const auto start = [&](const SchedulerOptions& options) {
    return Scheduler::start(options, {.server = server.url()}, output);
  };
  SchedulerOptions options;
  options.port = 0;
  options.policy = "best";
  EXPECT_THAT(start(options), FailsWith(Code::invalid_argument, "policy 'best'"));
  options.policy = "pack";
  options.domain = "Sluice";
  EXPECT_THAT(start(options), FailsWith(Code::invalid_argument, "domain: no DNS name: 'Sluice'"));
  options.domain = "sluice.dev";
  options.lease_namespace = "a.b";
  EXPECT_THAT(start(options), FailsWith(Code::invalid_argument, "lease a.b/sluice-scheduler"));
  options.lease_namespace.clear();
  options.tls_cert = "/no/such/file";
  EXPECT_THAT(start(options), FailsWith(Code::not_found, "/no/such"));
}

TEST_F(Clusters, AreCountedInMetrics) {
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  replica.filter(pod_object("p", {"10G"}), {"n"});
  replica.post("filter", json::array());

  EXPECT_TRUE(eventually([&] {
    return replica.ask("/metrics", "", "GET")
               .body.find("sluice_extender_nodes{state=\"usable\"} 1") != std::string::npos;
  }));
  const std::string metrics = replica.ask("/metrics", "", "GET").body;
  EXPECT_THAT(metrics, HasSubstr("sluice_extender_calls_total{result=\"done\",verb=\"filter\"} 1"));
  EXPECT_THAT(metrics,
              HasSubstr("sluice_extender_calls_total{result=\"failed\",verb=\"filter\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("sluice_extender_calls_total{result=\"done\",verb=\"bind\"} 0"));
  EXPECT_THAT(metrics, HasSubstr("sluice_extender_leads 1"));
}

}  // namespace
}  // namespace sluice
