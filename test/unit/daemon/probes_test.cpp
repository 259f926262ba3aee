#include "pkg/daemon/probes.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "pkg/http/client.h"
#include "pkg/http/server.h"
#include "pkg/metrics/metrics.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

HttpReply get(const Probes& probes, const std::string& path) {
  return answer(probes.routes(), {.method = "GET", .path = path});
}

TEST(Probes, AreReadyWhenEveryConditionHolds) {
  Probes probes({"inventory", "kubelet"});
  EXPECT_EQ(get(probes, "/readyz").status, 503);
  EXPECT_EQ(get(probes, "/readyz").body, "inventory: starting\nkubelet: starting\n");
  EXPECT_FALSE(probes.is_ready());

  probes.set_ready("inventory");
  probes.set_not_ready("kubelet", "registration refused: no such version");
  EXPECT_EQ(get(probes, "/readyz").body, "kubelet: registration refused: no such version\n");

  probes.set_ready("kubelet");
  EXPECT_EQ(get(probes, "/readyz").status, 200);
  EXPECT_EQ(get(probes, "/readyz").body, "ok\n");
  EXPECT_TRUE(probes.is_ready());
}

TEST(Probes, AreAliveUnlessAWorkerIsStuck) {
  std::counting_semaphore<> begun(0);
  std::counting_semaphore<> go(0);
  Probes probes({});
  const Worker worker("repair", std::chrono::milliseconds(0), [&](const std::stop_token& /*stop*/) {
    begun.release();
    go.acquire();
  });
  begun.acquire();

  probes.watch(worker, std::chrono::seconds(3600));
  EXPECT_EQ(get(probes, "/livez").body, "ok\n");
  probes.watch(worker, std::chrono::seconds(0));
  EXPECT_EQ(get(probes, "/livez").status, 503);
  EXPECT_EQ(get(probes, "/livez").body, "repair: at one step for 0 s, 0 allowed\n");

  go.release();
  while (worker.busy_for()) std::this_thread::yield();
  EXPECT_EQ(get(probes, "/livez").status, 200);
}

TEST(Probes, AreServedBesideTheMetrics) {
  Probes probes({});
  Metrics metrics;
  metrics.set(metric::kBuildInfo, {"1"}, 1);
  std::vector<HttpRoute> routes = probes.routes();
  routes.push_back(metrics_route(metrics));
  ASSERT_OK_AND_ASSIGN(const auto server, HttpServer::start({}, routes));
  HttpClient client({}, "test");
  const auto read = [&](const std::string& path) {
    const auto got =
        client.send({.url = fmt::format("http://127.0.0.1:{}{}", server->port(), path)});
    return got ? got->body : got.error().message();
  };

  EXPECT_EQ(read("/livez"), "ok\n");
  EXPECT_EQ(read("/readyz"), "ok\n");
  EXPECT_THAT(read("/metrics"), testing::HasSubstr("sluice_build_info{version=\"1\"} 1\n"));
}

}  // namespace
}  // namespace sluice
