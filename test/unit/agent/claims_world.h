#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/claims/claims.h"
#include "agent/cluster.h"
#include "pkg/inventory/scan.h"
#include "pkg/lane/providers.h"
#include "pkg/ledger/records.h"
#include "pkg/rpc/unix_server.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_machine.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/dra_calls.h"
#include "test/support/eventually.h"
#include "test/support/kubeconfig.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"
#include "test/unit/agent/listed_claims.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice {

/// The front end "claims" between an API server and a kubelet, on a node with one port of four VFs,
/// of mlx5 unless a test has another driver: 40 % of its bandwidth, 40 Gbit/s, are for claims. The
/// pod is "ml/trainer", its claim "ml/train" has two shares of the port.
class ClaimsWorld : public testing::Test {
 protected:
  static constexpr const char* kPort = FakeMachine::kPort;
  static constexpr const char* kClaimPath =
      "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train";
  static constexpr const char* kPodPath = "/api/v1/namespaces/ml/pods/trainer";

  explicit ClaimsWorld(std::string_view driver = "mlx5") : machine_(driver_model(driver)) {
    EXPECT_EQ(machine_.port().set_vfs(4), 0);
    std::filesystem::create_directories(dir_ / "kubelet/plugins_registry");
    std::filesystem::create_directories(dir_ / "kubelet/plugins");
    std::filesystem::create_directories(dir_ / "proc/1");
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir_.write("config.json",
               R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {"bandwidth": "40%"}}}],
                   "classes": []})");
    EXPECT_THAT(config_.load(), IsOk());
    dir_.write("kubeconfig", kubeconfig_of(api_.url()));
    kubernetes_ = Cluster::connect({.node = "n",
                                    .kubeconfig = dir_ / "kubeconfig",
                                    .pod_resources_socket = {},
                                    .stop = {}},
                                   wake_, Log(output_, "cluster"), metrics_)
                      .value();
    pod_resources_ = UnixServer::start(dir_ / "kubelet.sock", {&listed_}).value();
    put_pod();
    api_.serve("resource.k8s.io", {"v1"});
    api_.admit_with(slice_admission());
    start();
  }

  ~ClaimsWorld() override { claims_.reset(); }

  /// The agent starts, again where it ran before.
  void start() {
    claims_.reset();
    ledger_ = *Ledger::open(dir_ / "run", boot_);
    lanes_ = std::make_unique<Lanes>(machine_.kernel(), machine_.sysfs(), ledger_, aside_,
                                     providers(machine_.kernel(), machine_.sysfs(), ledger_));
    in_place_ = std::make_unique<InPlaceLanes>(*lanes_);
    probes_ = std::make_unique<Probes>(std::vector<std::string>());
    claims_ = std::make_unique<Claims>(Claims::Parts{.kubelet_dir = dir_ / "kubelet",
                                                     .cdi_dir = dir_ / "cdi",
                                                     .memlock_hook = "/opt/cni/bin/sluice-memlock",
                                                     .pod_resources = dir_ / "kubelet.sock",
                                                     .proc = dir_ / "proc",
                                                     .sysfs = machine_.sysfs(),
                                                     .ledger = ledger_,
                                                     .aside = aside_,
                                                     .config = config_,
                                                     .kubernetes = *kubernetes_,
                                                     .in_place = *in_place_,
                                                     .wake = wake_,
                                                     .output = output_,
                                                     .metrics = metrics_,
                                                     .leases = LeaseStore(dir_ / "lib"),
                                                     .probes = *probes_});
  }

  void put_pod(const nlohmann::json& spec = {{"containers", nlohmann::json::array()}}) {
    api_.put(kPodPath, {{"metadata", {{"name", "trainer"}}}, {"spec", spec}});
  }

  /// The same on the host's network.
  void put_host_pod() {
    put_pod(nlohmann::json::parse(R"({"containers": [], "hostNetwork": true})"));
  }

  std::string uid_of(const std::string& path) const {
    return api_.object(path)["metadata"]["uid"].get<std::string>();
  }

  /// A claim of `shares` lanes for the pod at `pod_path`, as it is now.
  dra::ClaimRef put_claim_named(const std::string& name, int shares, const std::string& bandwidth,
                                const std::string& pod_path = kPodPath,
                                const nlohmann::json& config = {}) {
    dra::ClaimObject claim;
    for (int i = 0; i < shares; ++i) {
      auto& share = claim.share("vf" + std::to_string(i), bandwidth);
      share["pool"] = "n";
      share["device"] = "port-0000-3b-00-0";
    }
    if (!config.is_null()) claim.config(config);
    auto& pod = claim.json()["status"]["reservedFor"][0];
    pod["uid"] = uid_of(pod_path);
    pod["name"] = api_.object(pod_path)["metadata"]["name"];
    claim.json()["metadata"].erase("uid");
    claim.json()["metadata"]["name"] = name;
    const std::string path = "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/" + name;
    api_.put(path, claim.json());
    return {.uid = uid_of(path), .ns = "ml", .name = name};
  }

  /// The claim of the pod: two lanes.
  void put_claim(const std::string& bandwidth = "10G", const nlohmann::json& config = {}) {
    ref_ = put_claim_named("train", 2, bandwidth, kPodPath, config);
  }

  /// The node as a step of the agent reads it.
  NodeState node() const {
    NodeState node;
    node.config = config_.current();
    node.before = read_records(ledger_).value();
    node.inventory = scan(machine_.sysfs()).value();
    node.after = read_records(ledger_).value();
    node.grants = grants();
    return node;
  }

  void step() { EXPECT_THAT(claims_->reconcile(node()), IsOk()); }

  /// The socket of the driver, once it serves: it is there a moment before that, and the one that
  /// the kubelet finds it by comes after.
  std::string socket() {
    EXPECT_TRUE(eventually([&] {
      step();
      return !sockets().empty() && !std::filesystem::is_empty(dir_ / "kubelet/plugins_registry");
    })) << said_.str();
    return sockets().empty() ? "" : sockets().front();
  }

  std::vector<std::string> sockets() const {
    std::vector<std::string> found;
    std::error_code gone;
    for (const auto& each :
         std::filesystem::directory_iterator(dir_ / "kubelet/plugins/sluice.dev", gone)) {
      if (each.is_socket()) found.push_back(each.path());
    }
    return found;
  }

  /// As the kubelet asks.
  dra::kubelet_v1::NodePrepareResourceResponse prepare() {
    const auto answer = dra::ask_to_prepare(unix_channel(socket()), ref_);
    EXPECT_THAT(answer, IsOk());
    return answer.value_or(dra::kubelet_v1::NodePrepareResourceResponse());
  }

  std::string unprepare() {
    const auto answer = dra::ask_to_unprepare(unix_channel(socket()), ref_);
    EXPECT_THAT(answer, IsOk());
    return answer.value_or("");
  }

  /// Without the kubelet, once the node is known: for what is made many times or dies.
  dra::ClaimHandler& handler() {
    EXPECT_TRUE(eventually([&] { return kubernetes_->identity().has_value(); }));
    step();
    return *claims_;
  }

  /// The pod's sandbox, or what is left of it.
  void process_of(const std::string& pod_uid, int pid = 7) const {
    std::filesystem::create_directories(dir_ / ("proc/" + std::to_string(pid)));
    dir_.write("proc/" + std::to_string(pid) + "/cgroup", "0::/kubepods/pod" + pod_uid + "/c1\n");
  }

  void no_process(int pid = 7) const {
    std::filesystem::remove_all(dir_ / ("proc/" + std::to_string(pid)));
  }

  std::vector<Grant> grants() const { return aside_.grants.peek().value(); }

  std::vector<LaneRecord> recorded() const {
    const std::vector<PortRecord> records = read_records(ledger_).value();
    return records.empty() ? std::vector<LaneRecord>() : records[0].lanes;
  }

  Rate rate(int vf) { return machine_.port().vf(vf).info.rate.value_or(Rate()); }

  bool has_cdi_file() const { return dir_.has("cdi/sluice.dev-claim_" + ref_.uid + ".json"); }

  void expect_nothing_left() {
    EXPECT_THAT(grants(), testing::IsEmpty());
    EXPECT_THAT(recorded(), testing::IsEmpty());
    EXPECT_FALSE(has_cdi_file());
    for (int vf = 0; vf < 4; ++vf) EXPECT_EQ(rate(vf), Rate()) << vf;
  }

  dra::ClaimRef ref_{.uid = "uid-1", .ns = "ml", .name = "train"};
  TempDir dir_;
  FakeMachine machine_;
  FakeApiServer api_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  EventFd wake_ = *EventFd::open();
  Metrics metrics_;
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  std::string boot_ = "boot-1";
  Ledger ledger_ = *Ledger::open(dir_ / "run", boot_);
  SetAsideStore aside_{dir_ / "lib"};
  ListedClaims listed_;
  std::unique_ptr<UnixServer> pod_resources_;
  std::unique_ptr<Kubernetes> kubernetes_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<InPlaceLanes> in_place_;
  std::unique_ptr<Probes> probes_;
  std::unique_ptr<Claims> claims_;
};

}  // namespace sluice
