// The front end "pods" with pods on the host's network: it hears of them from the API server alone.
#include <algorithm>
#include <thread>

#include "agent/cluster.h"
#include "agent/pods/pods.h"
#include "pkg/inventory/scan.h"
#include "test/fake/fake_api_server.h"
#include "test/support/eventually.h"
#include "test/unit/agent/host_pods_world.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class HostPodsWatched : public HostPodsWorld {
 protected:
  HostPodsWatched() {
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir_.write("kubeconfig",
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
               "clusters:\n- name: k\n  cluster: {server: '" +
                   api_.url() + "'}\nusers:\n- name: u\n  user: {}\n");
    cluster_ = Cluster::connect({.node = "n",
                                 .kubeconfig = dir_ / "kubeconfig",
                                 .pod_resources_socket = {},
                                 .stop = {}},
                                wake_, Log(output_, "cluster"), metrics_)
                   .value();
    EXPECT_TRUE(eventually([this] { return cluster_->identity().has_value(); }));
    start_agent();
  }

  ~HostPodsWatched() override { pods_.reset(); }

  /// The agent starts, again where it ran before, and makes a step.
  void start_agent() {
    pods_.reset();
    start();
    pods_ = std::make_unique<Pods>(Pods::Parts{.sysfs = machine_.sysfs(),
                                               .ledger = ledger_,
                                               .aside = aside_,
                                               .config = config_,
                                               .kubernetes = *cluster_,
                                               .in_place = *in_place_,
                                               .proc = dir_ / "proc",
                                               .wake = wake_,
                                               .output = output_,
                                               .metrics = metrics_,
                                               .probes = probes_});
    NodeState node;
    node.config = config_.current();
    node.inventory = scan(machine_.sysfs()).value();
    node.after = read_records(ledger_).value();
    node.grants = grants();
    EXPECT_THAT(pods_->reconcile(node), IsOk());
  }

  void put_pod(const std::string& name, const Annotations& annotations, bool on_host = true,
               const std::string& node = "n") {
    nlohmann::json metadata = {{"name", name}};
    if (!annotations.empty()) metadata["annotations"] = annotations;
    api_.put(path_of(name), {{"metadata", metadata},
                             {"spec",
                              {{"containers", nlohmann::json::array()},
                               {"hostNetwork", on_host},
                               {"nodeName", node}}}});
  }

  static std::string path_of(const std::string& name) {
    return "/api/v1/namespaces/ml/pods/" + name;
  }

  /// The pods that have lanes, in the order of the VFs.
  std::vector<std::string> with_lanes() const {
    std::vector<std::string> pods;
    for (const LaneRecord& lane : recorded()) pods.push_back(lane.owner.pod);
    return pods;
  }

  bool come_to_have_lanes(const std::vector<std::string>& pods) const {
    return eventually([&] {
      const std::vector<LaneRecord> lanes = recorded();
      return with_lanes() == pods && std::ranges::all_of(lanes, [](const LaneRecord& lane) {
               return lane.phase == Phase::attached;
             });
    });
  }

  static inline const Annotations kOne = {
      {"rdma_interfaces_required", R"([{"min_tx_rate": 5000}])"}};

  FakeApiServer api_;
  EventFd wake_ = *EventFd::open();
  std::unique_ptr<Kubernetes> cluster_;
  std::unique_ptr<Pods> pods_;
};

TEST_F(HostPodsWatched, PodsOfTheNodeThatAskAreServedAndNoOthers) {
  ASSERT_TRUE(api_.wait_for_watches(2));  // Beside that of the Node.
  put_pod("plain", {});
  put_pod("elsewhere", kOne, true, "m");
  put_pod("inside", kOne, false);
  put_pod("late", kOne);
  EXPECT_TRUE(come_to_have_lanes({"ml/late"}));
  EXPECT_EQ(rate(0).floor, BitRate::gbps(5));
}

TEST_F(HostPodsWatched, PodsThatWereThereBeforeTheAgentAreServed) {
  pods_.reset();
  put_pod("early", kOne);
  start_agent();
  EXPECT_TRUE(come_to_have_lanes({"ml/early"}));
}

TEST_F(HostPodsWatched, LanesAndGrantGoWithThePod) {
  put_pod("trainer", kOne);
  ASSERT_TRUE(come_to_have_lanes({"ml/trainer"}));
  ASSERT_THAT(grants(), SizeIs(1));
  // Once EndedPods has seen the lane the grant follows it at once, else after half a minute.
  pods_->notice_lanes();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  api_.erase(path_of("trainer"));
  EXPECT_TRUE(eventually([&] { return recorded().empty(); }));
  EXPECT_EQ(rate(0), Rate());
  EXPECT_TRUE(eventually(
      [&] {
        pods_->notice_lanes();
        return grants().empty();
      },
      std::chrono::seconds(60)));
}

TEST_F(HostPodsWatched, APodThatEndedWhileNoAgentRanLeavesNothingThoughPodsHaveNoShareNow) {
  put_pod("trainer", kOne);
  ASSERT_TRUE(come_to_have_lanes({"ml/trainer"}));
  pods_.reset();
  api_.erase(path_of("trainer"));
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  configure(R"({"classes": {}})");
  start_agent();
  EXPECT_TRUE(eventually([&] { return recorded().empty(); }));
}

TEST_F(HostPodsWatched, ARefusalIsAnEventOfThePod) {
  put_pod("trainer", {{"sluice.dev/lanes", R"([{"mtu": 9000}])"}});
  EXPECT_TRUE(eventually([&] {
    const auto events = api_.list("/apis/events.k8s.io/v1/namespaces/ml/events");
    return events.size() == 1 && events[0]["reason"] == "LanesRefused" &&
           events[0]["note"].get<std::string>().find("not with \"mtu\"") != std::string::npos;
  }));
}

TEST_F(HostPodsWatched, AStaticPodIsKnownByTheUidThatTheKubeletGaveIt) {
  Annotations annotations = kOne;
  annotations["kubernetes.io/config.mirror"] = "static-1";
  put_pod("static", annotations);
  ASSERT_TRUE(come_to_have_lanes({"ml/static"}));
  EXPECT_EQ(recorded()[0].owner.pod_uid, "static-1");
  process_of("static-1");
  api_.erase(path_of("static"));  // Its mirror alone.
  put_pod("static", annotations);
  EXPECT_TRUE(come_to_have_lanes({"ml/static"}));
}

// As no runtime does, which would have the CNI plugin move VFs within the host.
TEST_F(HostPodsWatched, TheCniPluginIsRefusedForSuchAPod) {
  pods_->hand_over();
  put_pod("trainer", kOne);
  const PodId id{.name_space = "ml",
                 .name = "trainer",
                 .uid = api_.object(path_of("trainer"))["metadata"]["uid"].get<std::string>()};
  EXPECT_THAT(pods_->lanes_of(id), FailsWith(Code::unsupported, "is on the host's network"));
  EXPECT_THAT(grants(), IsEmpty());
}

}  // namespace
}  // namespace sluice
