#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "agent/cluster.h"
#include "agent/pods/pods.h"
#include "pkg/inventory/scan.h"
#include "pkg/lane/providers.h"
#include "pkg/ledger/records.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_kernel.h"
#include "test/support/eventually.h"
#include "test/support/kubeconfig.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// The front end "pods" beside an API server, on a node with two mlx5 ports of four VFs each: 40 of
/// the 100 Gbit/s of each are for pods. The pod is "ml/trainer".
class PodsWorld : public testing::Test {
 protected:
  static constexpr const char* kFirst = "0000:3b:00.0";
  static constexpr const char* kSecond = "0000:5e:00.0";
  static constexpr const char* kPodPath = "/api/v1/namespaces/ml/pods/trainer";

  PodsWorld() {
    tree_.pf(kFirst, {.vfs = 4, .rdma = true});
    tree_.pf(kSecond, {.vfs = 4, .numa_node = "1", .rdma = true});
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    configure();
    dir_.write("kubeconfig", kubeconfig_of(api_.url()));
    kubernetes_ = Cluster::connect({.node = "n",
                                    .kubeconfig = dir_ / "kubeconfig",
                                    .pod_resources_socket = {},
                                    .stop = {}},
                                   wake_, Log(output_, "cluster"), metrics_)
                      .value();
    start();
  }

  ~PodsWorld() override { pods_.reset(); }

  void configure(const std::string& shares = R"({"pods": {"bandwidth": "40%"}})",
                 const std::string& more = "") {
    dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4, "shares": )" + shares +
                                  R"(}], "classes": [])" + more + "}");
    EXPECT_THAT(config_.load(), IsOk());
  }

  /// The agent starts, again where it ran before.
  void start() {
    pods_.reset();
    probes_ = std::make_unique<Probes>(std::vector<std::string>());
    pods_ = std::make_unique<Pods>(Pods::Parts{.sysfs = sysfs_,
                                               .ledger = ledger_,
                                               .aside = aside_,
                                               .config = config_,
                                               .kubernetes = *kubernetes_,
                                               .in_place = in_place_,
                                               .proc = dir_ / "proc",
                                               .wake = wake_,
                                               .output = output_,
                                               .metrics = metrics_,
                                               .probes = *probes_});
  }

  /// A pod with annotations; `spec` and `status` as the API server has them.
  void put_pod(const Annotations& annotations, const std::string& name = "trainer",
               const nlohmann::json& spec = {{"containers", nlohmann::json::array()}}) {
    nlohmann::json metadata = {{"name", name}};
    if (!annotations.empty()) metadata["annotations"] = annotations;
    api_.put("/api/v1/namespaces/ml/pods/" + name, {{"metadata", metadata}, {"spec", spec}});
  }

  /// One that asks by kPapersAnnotation.
  void put_papers_pod(const std::string& interfaces, const std::string& name = "trainer") {
    put_pod({{std::string(kPapersAnnotation), interfaces}}, name);
  }

  PodId id(const std::string& name = "trainer") const {
    const nlohmann::json pod = api_.object("/api/v1/namespaces/ml/pods/" + name);
    return {.name_space = "ml", .name = name, .uid = pod["metadata"]["uid"].get<std::string>()};
  }

  Result<std::vector<PodLane>> lanes_of(const std::string& name = "trainer") {
    return pods_->lanes_of(id(name));
  }

  /// The node as a step of the agent reads it.
  void step() {
    NodeState node;
    node.config = config_.current();
    node.inventory = scan(sysfs_).value();
    node.after = read_records(ledger_).value();
    node.grants = grants();
    EXPECT_THAT(pods_->reconcile(node), IsOk());
  }

  std::vector<Grant> grants() const { return aside_.grants.peek().value(); }

  static std::string vf(const std::string& port, int index) {
    return SysfsTree::vf(port, index).to_string();
  }

  /// As the CNI plugin records it.
  void record_lane(const std::string& port, const std::string& vf) {
    LockedPort locked = ledger_.lock(port, std::chrono::seconds(5)).value();
    LaneRecord lane;
    lane.id = vf;
    lane.phase = Phase::attached;
    locked.record().driver = "mlx5_core";
    locked.record().lanes.push_back(lane);
    EXPECT_THAT(locked.save(), IsOk());
  }

  void record_lanes_of(const Grant& grant) {
    for (const GrantedVf& granted : grant.vfs) record_lane(granted.port, granted.vf);
  }

  void forget_lane(const GrantedVf& granted) {
    LockedPort locked = ledger_.lock(granted.port, std::chrono::seconds(5)).value();
    std::erase_if(locked.record().lanes,
                  [&](const LaneRecord& lane) { return lane.id == granted.vf; });
    EXPECT_THAT(locked.save(), IsOk());
  }

  /// What is said of pods.
  std::vector<nlohmann::json> events() const {
    return api_.list("/apis/events.k8s.io/v1/namespaces/ml/events");
  }

  bool is_told(const std::string& reason, const std::string& note) const {
    return eventually([&] {
      for (const nlohmann::json& event : events()) {
        const bool is_it = event["reason"] == reason &&
                           event["note"].get<std::string>().find(note) != std::string::npos;
        if (is_it) return true;
      }
      return false;
    });
  }

  TempDir dir_;
  SysfsTree tree_;
  Dir sysfs_ = tree_.root();
  FakeApiServer api_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  EventFd wake_ = *EventFd::open();
  Metrics metrics_;
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  FakeKernel kernel_;  // Without links: no lane is made in place here.
  Lanes lanes_{kernel_, sysfs_, ledger_, aside_, providers(kernel_, sysfs_, ledger_)};
  InPlaceLanes in_place_{lanes_};
  std::unique_ptr<Kubernetes> kubernetes_;
  std::unique_ptr<Probes> probes_;
  std::unique_ptr<Pods> pods_;
};

}  // namespace sluice
