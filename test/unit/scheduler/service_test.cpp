#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include <nlohmann/json.hpp>

#include "scheduler/scheduler.h"
#include "test/fake/fake_api_server.h"
#include "test/support/eventually.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kLease =
    "/apis/coordination.k8s.io/v1/namespaces/sluice-system/leases/sluice-scheduler";
constexpr const char* kSlice =
    "/apis/discovery.k8s.io/v1/namespaces/sluice-system/endpointslices/extender";

class LeaderServices : public testing::Test {
 protected:
  LeaderServices() { server.put(kLease, {{"spec", {{"holderIdentity", ""}}}}); }

  static SchedulerOptions options_with(const std::string& service) {
    SchedulerOptions options;
    options.port = 0;
    options.service = service;
    return options;
  }

  Result<std::unique_ptr<Scheduler>> start(const SchedulerOptions& options,
                                           const std::string& token = "a") {
    return Scheduler::start(
        options, {.server = server.url(), .token = token}, output,
        {.renew = milliseconds(20), .books = milliseconds(20), .service = milliseconds(20)});
  }

  bool leads_to(const Scheduler& scheduler) const {
    const json slice = server.object(kSlice);
    return !slice.is_null() && slice["ports"][0]["port"] == scheduler.port();
  }

  FakeApiServer server;
  std::ostringstream log;
  LogOutput output{LogLevel::debug, LogFormat::text, log};
};

TEST_F(LeaderServices, LeadToTheReplicaThatLeads) {
  auto first = *start(options_with("extender"));
  ASSERT_TRUE(eventually([&] { return leads_to(*first); }));

  const auto second = *start(options_with("extender"));
  ASSERT_TRUE(eventually([&] { return second->is_ready(); })) << "a replica that waits is ready";
  EXPECT_TRUE(leads_to(*first));

  first.reset();
  EXPECT_TRUE(eventually([&] { return leads_to(*second); }));
}

TEST_F(LeaderServices, AreToldNothingByAReplicaThatHasNotReadTheCluster) {
  std::atomic<bool> is_cut = true;
  server.deny([&](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_cut || request.path.find("/nodes") == std::string::npos) return std::nullopt;
    return FakeApiRefusal{403, "Forbidden", "as the test wants it"};
  });
  const auto replica = *start(options_with("extender"));
  ASSERT_TRUE(server.wait_for(
      2, [](const auto& request) { return request.path.find("/nodes") != std::string::npos; }));
  EXPECT_TRUE(server.object(kSlice).is_null());

  is_cut = false;
  EXPECT_TRUE(eventually([&] { return leads_to(*replica); }));
}

TEST_F(LeaderServices, AreNotNeeded) {
  const auto first = *start(options_with(""));
  ASSERT_TRUE(eventually([&] { return first->is_ready(); }));

  const auto second = *start(options_with(""), "b");
  ASSERT_TRUE(server.wait_for(3, [](const auto& request) {
    return request.authorization == "Bearer b" && request.path == kLease;
  }));
  EXPECT_FALSE(second->is_ready()) << "readiness says who leads";
  EXPECT_TRUE(server.object(kSlice).is_null());
}

TEST_F(LeaderServices, NeedAnAddressThatLeadsHere) {
  SchedulerOptions options = options_with("extender");
  options.address = "0.0.0.0";

  const auto started = start(options);

  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code(), Code::invalid_argument);
  EXPECT_THAT(started.error().message(), testing::HasSubstr("0.0.0.0"));
}

TEST_F(LeaderServices, NeedAName) {
  const auto started = start(options_with("Not A Name"));

  ASSERT_FALSE(started.has_value());
  EXPECT_THAT(started.error().message(), testing::HasSubstr("Not A Name"));
}

TEST(AReplicaThatDoesNotLead, ClosesTheConnectionWithItsAnswer) {
  Leadership leadership(nullptr, [] { return std::unique_ptr<Term>(); });
  Metrics metrics;
  Extender extender(leadership, "sluice.dev", metrics);

  for (const HttpRoute& route : extender.routes()) {
    const HttpReply reply = route.handle({.method = "POST", .path = route.path, .body = "{}"});
    EXPECT_THAT(reply.headers, testing::Contains(testing::Pair("Connection", "close")))
        << route.path;
  }
}

}  // namespace
}  // namespace sluice
