// What the repair loop tells of lanes that a reset took out of their pods.
#include <sstream>

#include "agent/cluster.h"
#include "agent/repair/lane_repairer.h"
#include "pkg/fs/event_fd.h"
#include "pkg/netlink/source_routing.h"
#include "test/fake/fake_api_server.h"
#include "test/support/kubeconfig.h"
#include "test/unit/lane/lost_lane_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class LaneRepairerLostTest : public LostLaneTest {
 protected:
  void SetUp() override {
    plug("mlx5");
    LaneRequest wanted = request();
    wanted.owner.pod = "ml/trainer";
    ASSERT_THAT(give(wanted), IsOk());
  }

  LaneRepairer::Parts parts() {
    return {.lanes = *lanes_, .ledger = ledger_, .leases = leases_, .metrics = metrics_};
  }

  // In the pod's namespace.
  FakeAddressTable& addresses() { return *node().addresses(*node().netns_at(kPod)); }

  // As the CNI plugin has noted it for its lane.
  void note_lease() {
    const std::vector<Lease> leases = {
        {.ifname = "net1",
         .network = "rail0",
         .conf = "{}",
         .given = {.addresses = {IpPrefix::parse("192.0.2.7/24").value()},
                   .routes = {{.destination = IpPrefix::parse("10.0.0.0/8").value(),
                               .gateway = IpAddress::parse("192.0.2.1").value()}},
                   .rules = true}}};
    ASSERT_THAT(leases_.write("n", {"c1", "net1"}, leases), IsOk());
  }

  std::unique_ptr<Kubernetes> connect(FakeApiServer& api) {
    api.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir_.write("kubeconfig", kubeconfig_of(api.url()));
    auto cluster = Cluster::connect(
        {.node = "n", .kubeconfig = dir_ / "kubeconfig", .pod_resources_socket = {}, .stop = {}},
        wake_, log_, metrics_);
    EXPECT_THAT(cluster, IsOk());
    return cluster ? *std::move(cluster) : nullptr;
  }

  void expect_metric(const std::string& line) { EXPECT_THAT(metrics_.text(), HasSubstr(line)); }

  LeaseStore leases_{dir_ / "lib"};
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Log log_{output_, "repair"};
  NoKubernetes no_kubernetes_;
  Metrics metrics_;
  EventFd wake_ = *EventFd::open();
};

TEST_F(LaneRepairerLostTest, ALostLaneIsBroughtInSaidAndCounted) {
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
  repairer.step();
  EXPECT_EQ(said_.str(), "");
  ASSERT_TRUE(port().recreate_vf(0));
  repairer.notice();
  repairer.step();
  expect_in_pod();
  EXPECT_THAT(said_.str(), HasSubstr("took its link out of the pod"));
  EXPECT_THAT(
      said_.str(),
      HasSubstr("is in the pod again as net1; addresses and routes that other CNI plugins gave"));
  EXPECT_THAT(said_.str(), HasSubstr("verbs contexts that were open are gone"));
  expect_metric(R"(sluice_lanes_lost_total{port="0000:3b:00.0"} 1)");
  expect_metric(R"(sluice_repairs_total{port="0000:3b:00.0",result="done"} 1)");
  said_.str("");
  repairer.notice();
  repairer.step();
  EXPECT_EQ(said_.str(), "");
}

TEST_F(LaneRepairerLostTest, ALaneThatIsBackHasItsAddressesRoutesAndRulesAgain) {
  note_lease();
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
  const SourceRule of_old_link{.from = IpAddress::parse("192.0.2.7").value(),
                               .table = 1'000'000 + 4711,
                               .priority = kSourceRulePriority};
  addresses().rules.push_back(of_old_link);
  ASSERT_TRUE(port().recreate_vf(0));
  repairer.step();
  expect_in_pod();
  const FakeAddressTable::OfLink& link = addresses().links[in_pod()->link.index];
  EXPECT_THAT(link.addresses, ElementsAre(IpPrefix::parse("192.0.2.7/24").value()));
  EXPECT_THAT(link.routes, SizeIs(4));  // The subnet's and its own, in both tables.
  ASSERT_THAT(addresses().rules, SizeIs(1));
  EXPECT_EQ(addresses().rules[0].table, 1'000'000 + in_pod()->link.index);
  EXPECT_THAT(said_.str(), HasSubstr("is in the pod again as net1 with 192.0.2.7/24; verbs"));
}

TEST_F(LaneRepairerLostTest, ALaneWhoseAddressesAreRefusedIsNotBackYet) {
  note_lease();
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
  ASSERT_TRUE(port().recreate_vf(0));
  addresses().fail(Error::from_errno(ENOMEM, "set address"));
  repairer.step();
  EXPECT_EQ(record().lost, Lost::link);
  EXPECT_THAT(said_.str(), HasSubstr("give net1 its addresses again: set address"));
  restart();
  LaneRepairer later(parts(), Announcer(log_, no_kubernetes_));
  later.step();
  expect_in_pod();
  EXPECT_EQ(record().lost, Lost::nothing);
  EXPECT_THAT(addresses().links[in_pod()->link.index].addresses, SizeIs(1));
}

TEST_F(LaneRepairerLostTest, WithoutNoticeALostLaneIsFoundByTheSearch) {
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
  repairer.step();
  ASSERT_TRUE(port().recreate_vf(0));
  for (int i = 1; i < LaneRepairer::kStepsPerSearch; ++i) repairer.step();
  expect_in_pod();
}

TEST_F(LaneRepairerLostTest, ALaneThatStaysLostIsSaidToBeLostOnce) {
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
  ASSERT_TRUE(port().recreate_vf(0));
  machine_->kernel().log().fail_on("name=net1", Error::from_errno(ENOMEM, "move"));
  repairer.step();
  expect_metric(R"(sluice_repairs_total{port="0000:3b:00.0",result="failed"} 1)");
  EXPECT_THAT(said_.str(), HasSubstr("could not repair what=\"return of 0000:3b:02.0\""));
  said_.str("");
  restart();
  LaneRepairer later(parts(), Announcer(log_, no_kubernetes_));
  later.step();
  expect_in_pod();
  EXPECT_THAT(said_.str(), HasSubstr("is in the pod again"));
}

TEST_F(LaneRepairerLostTest, ALaneThatIsReleasedWhileItIsLostIsForgotten) {
  LaneRepairer repairer(parts(), Announcer(log_, no_kubernetes_));
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
  LaneRepairer repairer(parts(), Announcer(log_, *cluster));
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
