// What the repair loop tells of lanes that a reset took out of their pods.
#include <sstream>

#include "agent/cluster.h"
#include "agent/repair/lane_repairer.h"
#include "pkg/fs/event_fd.h"
#include "test/fake/fake_api_server.h"
#include "test/unit/lane/lost_lane_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

class LaneRepairerLostTest : public LostLaneTest {
 protected:
  void SetUp() override {
    plug("mlx5");
    LaneRequest wanted = request();
    wanted.owner.pod = "ml/trainer";
    ASSERT_THAT(give(wanted), IsOk());
  }

  std::unique_ptr<Kubernetes> connect(FakeApiServer& api) {
    api.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir_.write("kubeconfig",
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
               "clusters:\n- name: k\n  cluster: {server: '" +
                   api.url() + "'}\nusers:\n- name: u\n  user: {}\n");
    auto cluster = Cluster::connect(
        {.node = "n", .kubeconfig = dir_ / "kubeconfig", .pod_resources_socket = {}, .stop = {}},
        wake_, log_, metrics_);
    EXPECT_THAT(cluster, IsOk());
    return cluster ? *std::move(cluster) : nullptr;
  }

  void expect_metric(const std::string& line) { EXPECT_THAT(metrics_.text(), HasSubstr(line)); }

  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Log log_{output_, "repair"};
  NoKubernetes no_kubernetes_;
  Metrics metrics_;
  EventFd wake_ = *EventFd::open();
};

TEST_F(LaneRepairerLostTest, ALostLaneIsBroughtInSaidAndCounted) {
  LaneRepairer repairer(*lanes_, ledger_, Announcer(log_, no_kubernetes_), metrics_);
  repairer.step();
  EXPECT_EQ(said_.str(), "");
  ASSERT_TRUE(port().recreate_vf(0));
  repairer.notice();
  repairer.step();
  expect_in_pod();
  EXPECT_THAT(said_.str(), HasSubstr("took its link out of the pod"));
  EXPECT_THAT(said_.str(), HasSubstr("is in the pod again as net1; addresses and routes"));
  EXPECT_THAT(said_.str(), HasSubstr("verbs contexts that were open are gone"));
  expect_metric(R"(sluice_lanes_lost_total{port="0000:3b:00.0"} 1)");
  expect_metric(R"(sluice_repairs_total{port="0000:3b:00.0",result="done"} 1)");
  said_.str("");
  repairer.notice();
  repairer.step();
  EXPECT_EQ(said_.str(), "");
}

TEST_F(LaneRepairerLostTest, WithoutNoticeALostLaneIsFoundByTheSearch) {
  LaneRepairer repairer(*lanes_, ledger_, Announcer(log_, no_kubernetes_), metrics_);
  repairer.step();
  ASSERT_TRUE(port().recreate_vf(0));
  for (int i = 1; i < LaneRepairer::kStepsPerSearch; ++i) repairer.step();
  expect_in_pod();
}

TEST_F(LaneRepairerLostTest, ALaneThatStaysLostIsSaidToBeLostOnce) {
  LaneRepairer repairer(*lanes_, ledger_, Announcer(log_, no_kubernetes_), metrics_);
  ASSERT_TRUE(port().recreate_vf(0));
  machine_->kernel().log().fail_on("name=net1", Error::from_errno(ENOMEM, "move"));
  repairer.step();
  expect_metric(R"(sluice_repairs_total{port="0000:3b:00.0",result="failed"} 1)");
  EXPECT_THAT(said_.str(), HasSubstr("could not repair what=\"return of 0000:3b:02.0\""));
  said_.str("");
  restart();
  LaneRepairer later(*lanes_, ledger_, Announcer(log_, no_kubernetes_), metrics_);
  later.step();
  expect_in_pod();
  EXPECT_THAT(said_.str(), HasSubstr("is in the pod again"));
}

TEST_F(LaneRepairerLostTest, ALaneThatIsReleasedWhileItIsLostIsForgotten) {
  LaneRepairer repairer(*lanes_, ledger_, Announcer(log_, no_kubernetes_), metrics_);
  ASSERT_TRUE(port().recreate_vf(0));
  machine_->kernel().log().fail_on("name=net1", Error::from_errno(ENOMEM, "move"));
  repairer.step();
  ASSERT_THAT(lanes_->detach({"c1", "net1"}), IsOk());
  said_.str("");
  repairer.step();
  EXPECT_THAT(said_.str(), Not(HasSubstr("works again")));
  ASSERT_THAT(give(request()), IsOk());
  repairer.notice();
  repairer.step();
  EXPECT_EQ(said_.str(), "");
}

TEST_F(LaneRepairerLostTest, NodeAndPodAreToldOfTheLossAndOfTheReturn) {
  FakeApiServer api;
  const auto cluster = connect(api);
  LaneRepairer repairer(*lanes_, ledger_, Announcer(log_, *cluster), metrics_);
  const auto is_event = [](const FakeApiServer::Request& request) {
    return request.method == "POST" && request.path.ends_with("/events");
  };
  ASSERT_TRUE(api.wait_for_watches(1));  // An event needs the node's identity.
  ASSERT_TRUE(port().recreate_vf(0));
  repairer.step();
  ASSERT_TRUE(api.wait_for(4, is_event));
  std::vector<std::string> told;
  for (const auto& request : api.requests()) {
    if (!is_event(request)) continue;
    const bool is_pods = request.path.find("/namespaces/ml/") != std::string::npos;
    const bool is_return = request.body.find("LaneReturned") != std::string::npos;
    EXPECT_THAT(request.body, HasSubstr(is_return ? "addresses and routes" : "LaneLost"));
    told.push_back(std::string(is_pods ? "pod " : "node ") + (is_return ? "returned" : "lost"));
  }
  EXPECT_THAT(told, testing::UnorderedElementsAre("node lost", "node returned", "pod lost",
                                                  "pod returned"));
}

}  // namespace
}  // namespace sluice
