// The front end "claims" between an API server and a kubelet.
#include "agent/claims/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "agent/cluster.h"
#include "pkg/inventory/scan.h"
#include "pkg/rpc/channel.h"
#include "proto/dra_v1.grpc.pb.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace wire = ::k8s::io::kubelet::pkg::apis::dra::v1;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kClaimPath = "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train";
constexpr const char* kPodPath = "/api/v1/namespaces/ml/pods/trainer";

class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() {
    tree_.pf(kPort, {.vfs = 4, .rdma = true});
    std::filesystem::create_directories(dir_ / "kubelet/plugins_registry");
    std::filesystem::create_directories(dir_ / "kubelet/plugins");
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir_.write("config.json",
               R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {"bandwidth": "40%"}}}],
                   "classes": []})");
    EXPECT_THAT(config_.load(), IsOk());
    dir_.write("kubeconfig",
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
               "clusters:\n- name: k\n  cluster: {server: '" +
                   api_.url() + "'}\nusers:\n- name: u\n  user: {}\n");
    kubernetes_ = Cluster::connect({.node = "n",
                                    .kubeconfig = dir_ / "kubeconfig",
                                    .pod_resources_socket = {},
                                    .stop = {}},
                                   wake_, Log(output_, "cluster"), metrics_)
                      .value();
    claims_ = std::make_unique<Claims>(Claims::Parts{.kubelet_dir = dir_ / "kubelet",
                                                     .cdi_dir = dir_ / "cdi",
                                                     .memlock_hook = "/opt/cni/bin/sluice-memlock",
                                                     .sysfs = sysfs_,
                                                     .ledger = ledger_,
                                                     .aside = aside_,
                                                     .config = config_,
                                                     .kubernetes = *kubernetes_,
                                                     .wake = wake_,
                                                     .output = output_});
    put_pod();
    api_.serve("resource.k8s.io", {"v1"});
    api_.admit_with(slice_admission());
  }

  void put_pod(const nlohmann::json& spec = {{"containers", nlohmann::json::array()}}) {
    api_.put(kPodPath, {{"metadata", {{"name", "trainer"}}}, {"spec", spec}});
  }

  std::string uid_of(const char* path) const {
    return api_.object(path)["metadata"]["uid"].get<std::string>();
  }

  // A claim of two shares of the port.
  void put_claim(const std::string& bandwidth = "10G") {
    dra::ClaimObject claim;
    for (const char* const request : {"vf0", "vf1"}) {
      auto& share = claim.share(request, bandwidth);
      share["pool"] = "n";
      share["device"] = "port-0000-3b-00-0";
    }
    claim.json()["status"]["reservedFor"][0]["uid"] = uid_of(kPodPath);
    api_.put(kClaimPath, claim.json());
    claim_uid_ = uid_of(kClaimPath);
  }

  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  // As with each step of the agent.
  void step() {
    NodeState node;
    node.config = config_.current();
    node.inventory = scan(sysfs_).value();
    EXPECT_THAT(claims_->reconcile(node), IsOk());
  }

  // The socket of the driver, once it serves.
  std::string socket() {
    EXPECT_TRUE(eventually([&] {
      step();
      return !sockets().empty();
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

  template <typename Request>
  Request request() const {
    Request request;
    auto& claim = *request.add_claims();
    claim.set_uid(claim_uid_);
    claim.set_namespace_("ml");
    claim.set_name("train");
    return request;
  }

  wire::NodePrepareResourceResponse prepare() {
    wire::DRAPlugin::Stub stub(unix_channel(socket()));
    const auto answer =
        call(stub, &wire::DRAPlugin::Stub::NodePrepareResources,
             request<wire::NodePrepareResourcesRequest>(), std::chrono::seconds(20), "prepare");
    EXPECT_THAT(answer, IsOk());
    return answer ? answer->claims().at(claim_uid_) : wire::NodePrepareResourceResponse();
  }

  std::string unprepare() {
    wire::DRAPlugin::Stub stub(unix_channel(socket()));
    const auto answer =
        call(stub, &wire::DRAPlugin::Stub::NodeUnprepareResources,
             request<wire::NodeUnprepareResourcesRequest>(), std::chrono::seconds(20), "unprepare");
    EXPECT_THAT(answer, IsOk());
    return answer ? answer->claims().at(claim_uid_).error() : "";
  }

  std::vector<Grant> grants() const { return aside_.grants.peek().value(); }

  std::string claim_uid_ = "uid-1";
  SysfsTree tree_;
  TempDir dir_;
  FakeApiServer api_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  EventFd wake_ = *EventFd::open();
  Metrics metrics_;
  Dir sysfs_ = tree_.root();
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  std::unique_ptr<Kubernetes> kubernetes_;
  std::unique_ptr<Claims> claims_;
};

TEST_F(ClaimsTest, ThePortIsPublishedWithTheShareOfClaims) {
  socket();
  ASSERT_TRUE(
      eventually([&] { return !api_.list("/apis/resource.k8s.io/v1/resourceslices").empty(); }));
  const auto slices = api_.list("/apis/resource.k8s.io/v1/resourceslices");
  const auto& device = slices[0]["spec"]["devices"][0];
  EXPECT_EQ(device["name"], "port-0000-3b-00-0");
  EXPECT_EQ(device["capacity"]["bandwidth"]["value"], "40G");
  EXPECT_EQ(slices[0]["metadata"]["ownerReferences"][0]["uid"], uid_of("/api/v1/nodes/n"));
}

TEST_F(ClaimsTest, P1_APreparedClaimHasAGrantACdiFileAndItsDevices) {
  put_claim();
  const auto answer = prepare();
  EXPECT_EQ(answer.error(), "");
  ASSERT_THAT(answer.devices(), SizeIs(2));
  EXPECT_EQ(answer.devices(0).pool_name(), "n");
  EXPECT_EQ(answer.devices(0).device_name(), "port-0000-3b-00-0");
  EXPECT_THAT(answer.devices(0).request_names(), ElementsAre("vf0"));
  EXPECT_THAT(answer.devices(0).cdi_device_ids(),
              ElementsAre("sluice.dev/claim=" + claim_uid_ + "-vf0-0"));
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_EQ(grants()[0].pod_uid, uid_of(kPodPath));
  EXPECT_FALSE(grants()[0].has_others);
  EXPECT_EQ(grants()[0].vfs[1].rate.floor, BitRate::gbps(10));
  EXPECT_TRUE(dir_.has("cdi/sluice.dev-claim_" + claim_uid_ + ".json"));
  EXPECT_THAT(*claims_->given_vfs(*config_.current()), ElementsAre("0000:3b:02.0", "0000:3b:02.1"));
  ASSERT_OK_AND_ASSIGN(
      const auto lanes,
      claims_->lanes_of({.name_space = "ml", .name = "trainer", .uid = uid_of(kPodPath)}));
  EXPECT_THAT(lanes, SizeIs(2));
}

TEST_F(ClaimsTest, U1_AnUnpreparedClaimLeavesNothing) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  api_.erase(kClaimPath);
  EXPECT_EQ(unprepare(), "");
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_FALSE(dir_.has("cdi/sluice.dev-claim_" + claim_uid_ + ".json"));
  EXPECT_EQ(unprepare(), "");
}

TEST_F(ClaimsTest, J1_MoreThanTheShareIsRefusedWithBothNumbers) {
  put_claim("30G");
  EXPECT_THAT(prepare().error(), HasSubstr("10 Gbit/s of 40 Gbit/s free, 30 Gbit/s asked"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, APodWithClassesIsSaidToHaveMore) {
  put_claim();
  put_pod(nlohmann::json::parse(
      R"({"containers": [{}, {"resources": {"limits": {"sluice.dev/gold": "1"}}}]})"));
  ASSERT_EQ(prepare().error(), "");
  EXPECT_TRUE(grants()[0].has_others);
}

TEST_F(ClaimsTest, N8_APodOnTheHostsNetworkIsRefused) {
  put_claim();
  put_pod(nlohmann::json::parse(R"({"containers": [], "hostNetwork": true})"));
  EXPECT_THAT(prepare().error(), HasSubstr("pod 'trainer' is on the host's network"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, AClaimOfAnEarlierPodOfTheSameNameIsRefused) {
  put_claim();
  api_.erase(kPodPath);
  put_pod();
  EXPECT_THAT(prepare().error(), HasSubstr("pod 'trainer' was replaced"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, E1_AClaimThatIsGoneIsAnErrorOfItsOwn) {
  EXPECT_THAT(prepare().error(), HasSubstr("train"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, NothingIsServedWhereNoPortHasAShareForClaims) {
  dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4}], "classes": []})");
  ASSERT_THAT(config_.load(), IsOk());
  for (int i = 0; i < 5; ++i) step();
  EXPECT_THAT(sockets(), IsEmpty());
}

}  // namespace
}  // namespace sluice
