// The program itself, killed after each durable step of a grant's life; and what comes next.
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/podlanes/client.h"
#include "test/fake/fake_api_server.h"
#include "test/support/eventually.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int kKilled = 128 + 9;

class PodsKilled : public AgentWorld {
 protected:
  PodsKilled() {
    deploy(R"({"ports": [{"select": {}, "vfs": 4, "shares": {"pods": {}}}], "classes": []})");
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    api_.put(kPodPath,
             {{"metadata",
               {{"name", "trainer"},
                {"annotations", {{"rdma_interfaces_required", R"([{"min_tx_rate": 5000}, {}])"}}}}},
              {"spec", {{"containers", nlohmann::json::array()}}}});
    pod_ = {.name_space = "ml",
            .name = "trainer",
            .uid = api_.object(kPodPath)["metadata"]["uid"].get<std::string>()};
    write_kubeconfig(api_.url());
  }

  ~PodsKilled() override { ::unsetenv(kVariable); }  // NOLINT(concurrency-mt-unsafe)

  // The kubelet has admitted the pod, with a token for its container.
  void run() {
    agent_ = start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
    EXPECT_NE(agent_->wait_for_line("running http="), "");
    if (is_admitted_) return;
    EXPECT_TRUE(kubelet_.wait([this] { return !kubelet_.healthy(kToken).empty(); }));
    EXPECT_THAT(kubelet_.admit("ml/trainer", kToken, 1), IsOk());
    is_admitted_ = true;
  }

  // A program that is to die at the point.
  void run_to_die(const char* at) {
    ::setenv(kVariable, at, 1);  // NOLINT(concurrency-mt-unsafe)
    run();
    ::unsetenv(kVariable);  // NOLINT(concurrency-mt-unsafe)
  }

  Result<std::vector<PodLane>> ask() {
    return PodLanesClient({.path = dir_ / "run/agent.sock"}).lanes_of(pod_);
  }

  std::vector<Grant> grants() const { return GrantStore(dir_ / "state").peek().value(); }

  bool asks_for_every_pod() const { return EveryPodMark(dir_ / "state").is_set(); }

  // Until the agent has seen the lane: it says that it came.
  void attach() {
    {
      const Ledger ledger = Ledger::open(dir_ / "run", this_boot().value()).value();
      LockedPort port = ledger.lock("0000:3b:00.0", std::chrono::seconds(5)).value();
      port.record().driver = "mlx5_core";
      const Grant grant = grants().at(0);
      for (const GrantedVf& granted : grant.vfs) {
        LaneRecord lane;
        lane.id = granted.vf;
        lane.phase = Phase::attached;
        lane.owner.pod = "ml/trainer";
        lane.owner.pod_uid = pod_.uid;
        live_here(lane.owner);
        port.record().lanes.push_back(lane);
      }
      ASSERT_THAT(port.save(), IsOk());
    }
    EXPECT_NE(agent_->wait_for_line("lanes came into their pod"), "");
  }

  void detach() {
    const Ledger ledger = Ledger::open(dir_ / "run", this_boot().value()).value();
    LockedPort port = ledger.lock("0000:3b:00.0", std::chrono::seconds(5)).value();
    port.record().lanes.clear();
    ASSERT_THAT(port.save(), IsOk());
  }

  bool is_told(const std::string& reason) const {
    const auto events = api_.list("/apis/events.k8s.io/v1/namespaces/ml/events");
    return std::ranges::any_of(events, [&](const auto& each) { return each["reason"] == reason; });
  }

  static constexpr const char* kVariable = "SLUICE_CRASH_AT";
  static constexpr const char* kToken = "sluice.dev/rdma";
  static constexpr const char* kPodPath = "/api/v1/namespaces/ml/pods/trainer";

  FakeApiServer api_;
  PodId pod_;
  bool is_admitted_ = false;
  std::unique_ptr<ChildProcess> agent_;
};

TEST_F(PodsKilled, K1_AfterTheGrantTheNextAnswerIsTheSame) {
  run_to_die("pods.granted");
  EXPECT_FALSE(ask());
  ASSERT_EQ(agent_->wait_for_end(), kKilled);
  EXPECT_TRUE(asks_for_every_pod());
  const std::vector<Grant> before = grants();
  ASSERT_THAT(before, SizeIs(1));
  run();
  ASSERT_OK_AND_ASSIGN(const std::vector<PodLane> lanes, ask());
  ASSERT_THAT(lanes, SizeIs(2));
  EXPECT_EQ(lanes[0].vf.to_string(), before[0].vfs.at(0).vf);
  EXPECT_EQ(grants(), before);
}

TEST_F(PodsKilled, K1_AfterTheReleaseThePodIsGrantedItsLanesAfresh) {
  run_to_die("pods.released");
  ASSERT_THAT(ask(), IsOk());
  attach();
  nlohmann::json pod = api_.object(kPodPath);
  pod["status"]["phase"] = "Succeeded";
  api_.put(kPodPath, pod);
  detach();
  ASSERT_EQ(agent_->wait_for_end(), kKilled);
  EXPECT_THAT(grants(), IsEmpty());
  run();
  EXPECT_THAT(ask(), FailsWith(Code::busy, "has ended"));
  api_.erase(kPodPath);
  pod["metadata"].erase("uid");
  pod.erase("status");
  api_.put(kPodPath, pod);
  pod_.uid = api_.object(kPodPath)["metadata"]["uid"].get<std::string>();
  EXPECT_THAT(ask(), IsOk());
  EXPECT_THAT(grants(), SizeIs(1));
}

// The lanes in place need hardware (HostPodsCrash): here they are tried, and the grant stays.
TEST_F(PodsKilled, K1_APodOnTheHostsNetworkHasTheSameGrantAfterIt) {
  nlohmann::json pod = api_.object(kPodPath);
  pod["spec"]["hostNetwork"] = true;
  pod["spec"]["nodeName"] = "n";
  api_.put(kPodPath, pod);
  ::setenv(kVariable, "pods.granted", 1);  // NOLINT(concurrency-mt-unsafe)
  agent_ = start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
  ::unsetenv(kVariable);  // NOLINT(concurrency-mt-unsafe)
  ASSERT_EQ(agent_->wait_for_end(), kKilled);
  const std::vector<Grant> before = grants();
  ASSERT_THAT(before, SizeIs(1));
  EXPECT_EQ(before[0].pod_uid, pod_.uid);
  agent_ = start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
  EXPECT_TRUE(eventually([this] { return is_told("LanesNotAvailable"); }));
  EXPECT_EQ(grants(), before);
}

TEST_F(PodsKilled, AGrantOutlivesTheAgentAndNeedsNoApiServer) {
  run();
  ASSERT_THAT(ask(), IsOk());
  agent_->send(SIGTERM);
  ASSERT_EQ(agent_->wait_for_end(), 0);
  api_.erase(kPodPath);
  run();
  EXPECT_THAT(ask(), IsOk());
}

}  // namespace
}  // namespace sluice
