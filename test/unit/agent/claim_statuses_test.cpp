// What claims' statuses say of the node, and what the agent says of writing them.
#include "agent/claims/claim_statuses.h"

#include <atomic>
#include <functional>
#include <sstream>
#include <thread>

#include "pkg/inventory/scan.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"
#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kClaim = "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train";

class ClaimStatusesTest : public KubeWorld {
 protected:
  using Status = dra::Condition::Status;

  ClaimStatusesTest() {
    tree_.pf(kPort, {.vfs = 2, .driver = "bnxt_en", .rdma = true});
    put_claim();
    node_.config = std::make_shared<Config>();
    node_.inventory = scan(sysfs_).value();
    node_.now = NodeState::Clock::now();
    GrantedVf granted;
    granted.vf = SysfsTree::vf(kPort, 0).to_string();
    granted.port = kPort;
    granted.request = "vf0";
    granted.rate = rate_;
    node_.grants = {{.uid = server.object(kClaim)["metadata"]["uid"],
                     .name = "ml/train",
                     .pod_uid = "pod-1",
                     .vfs = {granted}}};
  }

  void put_claim() {
    const nlohmann::json device = {{"request", "vf0"},
                                   {"driver", "sluice.dev"},
                                   {"pool", "n"},
                                   {"device", "port-0000-3b-00-0"},
                                   {"shareID", "share-0"}};
    server.put(kClaim, {{"apiVersion", "resource.k8s.io/v1"},
                        {"kind", "ResourceClaim"},
                        {"metadata", {{"name", "train"}, {"namespace", "ml"}}},
                        {"spec", {{"devices", nlohmann::json::object()}}},
                        {"status", {{"allocation", {{"devices", {{"results", {device}}}}}}}}});
  }

  LaneRecord lane() const {
    LaneRecord lane;
    lane.id = node_.grants[0].vfs[0].vf;
    lane.phase = Phase::attached;
    lane.owner = {.network = "k8s",
                  .container_id = "c1",
                  .ifname = "net1",
                  .netns = "/run/netns/p1",
                  .pod_uid = "pod-1",
                  .beside = "eth0"};
    lane.asked = rate_;
    lane.in_force = rate_;
    lane.home.mac = MacAddress({2, 0, 0, 0, 0, 0});
    lane.link_index = 7;
    return lane;
  }

  // As the CNI plugin does.
  void attach(LaneRecord lane) {
    PortRecord port;
    port.port = kPort;
    port.driver = "bnxt_en";
    port.line_rate = BitRate::gbps(100);
    port.lanes = {std::move(lane)};
    node_.after = {port};
  }

  dra::DeviceStatus status() const {
    const auto all = claim_statuses(node_, leases_);
    EXPECT_THAT(all, SizeIs(1));
    return all.at(0).devices.at(0);
  }

  std::unique_ptr<ClaimStatuses> start() {
    return std::make_unique<ClaimStatuses>(ClaimStatuses::Parts{
        .leases = leases_, .log = Log(output_, "claims"), .metrics = metrics_});
  }

  static void wait_until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_TRUE(holds());
  }

  bool has_metric(const std::string& result, int count) const {
    const std::string text = metrics_.text();
    return text.find(fmt::format("sluice_claim_status_writes_total{{result=\"{}\"}} {}", result,
                                 count)) != std::string::npos;
  }

  nlohmann::json devices() const {
    return server.object(kClaim)["status"].value("devices", nlohmann::json::array());
  }

  Rate rate_{.floor = BitRate::gbps(25), .ceiling = BitRate::gbps(40)};
  SysfsTree tree_;
  TempDir dir_;
  Dir sysfs_ = tree_.root();
  LeaseStore leases_{dir_ / "lib"};
  NodeState node_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Metrics metrics_;
  const std::unique_ptr<ApiClient> client_ = connect();
};

TEST_F(ClaimStatusesTest, AClaimWithoutLaneIsPreparedAndNotReady) {
  EXPECT_EQ(status().ready.status, Status::no);
  EXPECT_EQ(status().ready.reason, "NotAttached");
  EXPECT_EQ(claim_statuses(node_, leases_)[0].ref,
            (dra::ClaimRef{node_.grants[0].uid, "ml", "train"}));
}

TEST_F(ClaimStatusesTest, M3_AnAttachedLaneIsReadyWithTheAddressesOfItsLease) {
  attach(lane());
  LaneAddresses given;
  given.addresses = {IpPrefix::parse("10.1.0.2/24").value()};
  const std::vector<Lease> leases = {
      {.ifname = "net1", .network = "rail0", .conf = "{}", .given = given}};
  ASSERT_THAT(leases_.write("k8s", {"c1", "eth0"}, leases), IsOk());
  EXPECT_EQ(status().ready.status, Status::yes);
  EXPECT_EQ(status().bandwidth_enforced.status, Status::yes);
  EXPECT_EQ(status().interface, "net1");
  EXPECT_EQ(status().hardware_address, "02:00:00:00:00:00");
  EXPECT_THAT(status().addresses, ElementsAre("10.1.0.2/24"));
}

TEST_F(ClaimStatusesTest, TheRdmaDeviceIsThatOfTheVfUntilTheLaneHasTakenItAlong) {
  const std::string at_home = node_.inventory.ports.at(0).vfs.at(0).rdma_device;
  ASSERT_NE(at_home, "");
  EXPECT_EQ(status().rdma_device, at_home);
  LaneRecord taken = lane();
  taken.rdma_device = "mlx5_9";
  attach(taken);
  EXPECT_EQ(status().rdma_device, "mlx5_9");
}

// It is never moved, so the ledger has no link of it.
TEST_F(ClaimStatusesTest, ALaneOnTheHostsNetworkHasTheNameItsLinkHasThere) {
  LaneRecord in_place = lane();
  in_place.owner.netns = kHostNetwork;
  in_place.home = {};
  in_place.link_index = 0;
  attach(in_place);
  Vf& vf = node_.inventory.ports.at(0).vfs.at(0);
  ASSERT_EQ(vf.address.to_string(), in_place.id);
  vf.state = VfState::ready;
  vf.link = "eth6";
  EXPECT_EQ(status().interface, "eth6");
  EXPECT_EQ(status().ready.message, "the lane is on the host's network, as its pod is");
}

TEST_F(ClaimStatusesTest, TheLaneOfAnEarlierPodIsNotTheClaims) {
  LaneRecord earlier = lane();
  earlier.owner.pod_uid = "pod-0";
  attach(earlier);
  EXPECT_EQ(status().ready.reason, "NotAttached");
}

TEST_F(ClaimStatusesTest, GrantsOfAnnotatedPodsHaveNoClaim) {
  node_.grants[0].kind = Grant::Kind::pod;
  EXPECT_THAT(claim_statuses(node_, leases_), IsEmpty());
}

TEST_F(ClaimStatusesTest, K7_ARateThatCannotBePutRightIsToldWithBothNumbers) {
  attach(lane());
  node_.unrepaired = {
      {.lane = lane(),
       .what = "rate",
       .drift = "VF 0: 25 Gbit/s written, 1 Mbit/s found",
       .failure = "EIO"},
      {.lane = lane(), .what = "vlan", .drift = "VF 0: vlan 0 written, 7 found", .failure = "EIO"}};
  EXPECT_EQ(status().bandwidth_enforced,
            (dra::Condition{Status::no, "RateDiffers", node_.unrepaired[0].drift}));
  EXPECT_EQ(status().ready.message, node_.unrepaired[1].drift);
  node_.unrepaired[0].lane.owner.container_id = "of-another-pod";
  EXPECT_EQ(status().bandwidth_enforced.status, Status::yes);
}

TEST_F(ClaimStatusesTest, K7_TheStatusFollowsADriftAndItsMending) {
  const auto statuses = start();
  attach(lane());
  const auto enforced = [this] {
    return devices().empty() ? std::string()
                             : devices()[0]["conditions"][1]["status"].get<std::string>();
  };
  statuses->publish(node_, *client_);
  wait_until([&] { return enforced() == "True"; });
  node_.unrepaired = {{.lane = lane(), .what = "rate", .drift = "2 written, 1 found"}};
  statuses->publish(node_, *client_);
  wait_until([&] { return enforced() == "False"; });
  EXPECT_EQ(devices()[0]["conditions"][1]["message"], "2 written, 1 found");
  node_.unrepaired.clear();
  statuses->publish(node_, *client_);
  wait_until([&] { return enforced() == "True"; });
}

TEST_F(ClaimStatusesTest, M2_ARefusalIsSaidOnceAndCounted) {
  server.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.method != "PATCH") return std::nullopt;
    return FakeApiRefusal{403, "Forbidden", "cannot patch resourceclaims/status"};
  });
  auto statuses = start();
  statuses->publish(node_, *client_);
  wait_until([&] { return has_metric("refused", 1); });
  attach(lane());
  statuses->publish(node_, *client_);
  wait_until([&] { return has_metric("refused", 2); });
  statuses.reset();  // Its thread writes the log.
  const std::string said = said_.str();
  const std::string line = "the status of a claim could not be written";
  ASSERT_THAT(said, HasSubstr(line));
  EXPECT_EQ(said.find(line), said.rfind(line));
  EXPECT_THAT(said, HasSubstr("403 Forbidden"));
}

TEST_F(ClaimStatusesTest, AServerThatIsBackIsSaid) {
  std::atomic<bool> is_away = true;
  server.deny([&](const FakeApiServer::Request&) -> std::optional<FakeApiRefusal> {
    if (!is_away) return std::nullopt;
    return FakeApiRefusal{503, "ServiceUnavailable", "down"};
  });
  auto statuses = start();
  statuses->publish(node_, *client_);
  wait_until([&] { return has_metric("failed", 2); });
  is_away = false;
  wait_until([&] { return has_metric("done", 1); });
  statuses.reset();
  const std::string said = said_.str();
  const std::string line = "could not be written";
  EXPECT_EQ(said.find(line), said.rfind(line));
  EXPECT_THAT(said, HasSubstr("is written again"));
}

TEST_F(ClaimStatusesTest, NothingIsRemovedBeforeAnythingIsPublished) {
  start()->remove({.uid = "uid-1", .ns = "ml", .name = "train"});
  EXPECT_THAT(server.requests(), IsEmpty());
}

}  // namespace
}  // namespace sluice
