// What the agent says of servers that fail now and then.
#include "pkg/ledger/ledger.h"
#include "test/fake/fake_api_server.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf"}]})";

class AgentOutages : public AgentWorld {
 protected:
  AgentOutages() { deploy(kOneClass); }

  /// Has the agent ask the kubelet soon which devices pods have.
  void touch_the_ledger() const {
    auto locked =
        *Ledger::open(dir_ / "run", *this_boot())->lock("0000:3b:00.0", std::chrono::seconds(5));
    locked.record().line_rate += BitRate::mbps(1);
    ASSERT_THAT(locked.save(), IsOk());
  }
};

TEST_F(AgentOutages, EachOfTheKubeletIsTold) {
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  for (int i = 0; i < 2; ++i) {
    kubelet_.exhaust_pod_resources(1);
    touch_the_ledger();
    ASSERT_NE(agent->wait_for_line("kubelet does not say which devices pods have"), "") << i;
    ASSERT_NE(agent->wait_for_line("kubelet says again which devices pods have"), "") << i;
  }
}

TEST_F(AgentOutages, EachOfTheApiServerIsTold) {
  FakeApiServer api;
  api.put("/api/v1/nodes/n", {{"metadata", {{"labels", {{"l", "0"}}}}}});
  write_kubeconfig(api.url());
  const auto agent = start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
  ASSERT_TRUE(api.wait_for_watches(1));
  for (const char* const label : {"1", "2"}) {
    api.fail_next({.status = 403, .reason = "Forbidden", .for_watch = true});
    api.cut_watches();
    ASSERT_NE(agent->wait_for_line("watching the node failed"), "") << label;
    api.put("/api/v1/nodes/n", {{"metadata", {{"labels", {{"l", label}}}}}});
    ASSERT_NE(agent->wait_for_line("watching the node works again"), "") << label;
  }
}

}  // namespace
}  // namespace sluice
