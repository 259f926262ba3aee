// Lanes of pods on the host's network, from the container's start to the pod's end.
#include "agent/classes/host_lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "pkg/lane/providers.h"
#include "pkg/ledger/records.h"
#include "pkg/rpc/unix_server.h"
#include "proto/podresources_v1.grpc.pb.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kGold = "sluice.dev/gold";

/// What the kubelet lists: one pod with one device, or none.
class ListedPod final : public v1::PodResourcesLister::Service {
 public:
  grpc::Status List(grpc::ServerContext* /*context*/,
                    const v1::ListPodResourcesRequest* /*request*/,
                    v1::ListPodResourcesResponse* response) override {
    if (vf.empty()) return grpc::Status::OK;
    auto& pod = *response->add_pod_resources();
    pod.set_namespace_("ml");
    pod.set_name("hosted");
    auto& container = *pod.add_containers();
    container.set_name("main");
    auto& devices = *container.add_devices();
    devices.set_resource_name(kGold);
    devices.add_device_ids(vf);
    return grpc::Status::OK;
  }

  std::string vf;
};

class HostLanesTest : public testing::Test {
 protected:
  HostLanesTest() {
    EXPECT_EQ(machine_.port().set_vfs(4), 0);
    dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4}],
                                  "classes": [{"name": "gold", "floor": "10G", "ceiling": "20G"}]})");
    EXPECT_THAT(config_.load(), IsOk());
    const std::vector<Offer> offers = {
        {.vf = vf(), .port = FakeMachine::kPort, .class_name = "gold", .rate = kRate}};
    EXPECT_THAT(aside_.offers.save(offers), IsOk());
    listed_.vf = vf();
    server_ = UnixServer::start(dir_ / "kubelet.sock", {&listed_}).value();
    checkpoint("5f0c");
    process(1, "/init.scope", "net:[1]");
    process(7, "/kubepods/pod5f0c/c1", "net:[1]");
    start();
  }

  static std::string vf() { return FakeMachine::vf(0).to_string(); }

  void process(int pid, const std::string& cgroup, const std::string& netns) {
    const std::filesystem::path folder = dir_ / ("proc/" + std::to_string(pid));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "ns");
    dir_.write("proc/" + std::to_string(pid) + "/cgroup", "0::" + cgroup + "\n");
    std::filesystem::create_symlink(netns, folder / "ns/net");
  }

  void checkpoint(const std::string& pod_uid) {
    dir_.write(
        "checkpoint",
        fmt::format(R"({{"Data":{{"PodDeviceEntries":[{{"PodUID":"{}","ContainerName":"main",)"
                    R"("ResourceName":"{}","DeviceIDs":{{"0":["{}"]}}}}]}}}})",
                    pod_uid, kGold, vf()));
  }

  // An agent starts.
  void start() {
    host_lanes_.reset();
    lanes_ = std::make_unique<Lanes>(machine_.kernel(), machine_.sysfs(), ledger_, aside_,
                                     providers(machine_.kernel(), machine_.sysfs(), ledger_));
    in_place_ = std::make_unique<InPlaceLanes>(*lanes_);
    host_lanes_ = std::make_unique<HostLanes>(
        HostLanes::Parts{.lanes = *in_place_,
                         .networks = Networks(config_, machine_.sysfs()),
                         .pod_resources = dir_ / "kubelet.sock",
                         .checkpoint = dir_ / "checkpoint",
                         .proc = dir_ / "proc"},
        Log(output_, "host lanes"));
  }

  Result<> attach() { return host_lanes_->attach(kGold, {vf()}); }

  std::vector<LaneRecord> recorded() const {
    const std::vector<PortRecord> records = read_records(ledger_).value();
    return records.empty() ? std::vector<LaneRecord>() : records[0].lanes;
  }

  // A step of the agent while pods have these VFs.
  void step(const std::vector<std::string>& given) {
    NodeState node;
    node.now = std::chrono::steady_clock::now();
    node.given = given;
    node.after = read_records(ledger_).value();
    host_lanes_->release_gone(node);
  }

  static constexpr Rate kRate{BitRate::gbps(10), BitRate::gbps(20)};

  TempDir dir_;
  FakeMachine machine_{driver_model("mlx5")};
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  ListedPod listed_;
  std::unique_ptr<UnixServer> server_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<InPlaceLanes> in_place_;
  std::unique_ptr<HostLanes> host_lanes_;
};

TEST_F(HostLanesTest, TheLaneHasItsClassesRateAndItsPodsName) {
  ASSERT_THAT(attach(), IsOk());
  ASSERT_THAT(recorded(), SizeIs(1));
  const LaneRecord& lane = recorded()[0];
  EXPECT_EQ(lane.asked, kRate);
  EXPECT_EQ(lane.owner.pod, "ml/hosted");
  EXPECT_EQ(lane.owner.pod_uid, "5f0c");
  EXPECT_TRUE(lane.is_in_place());
  EXPECT_EQ(machine_.port().vf(0).info.rate, kRate);
  step({vf()});
  EXPECT_THAT(recorded(), SizeIs(1));
}

TEST_F(HostLanesTest, APodInItsOwnNamespaceIsRefused) {
  process(7, "/kubepods/pod5f0c/c1", "net:[2]");
  EXPECT_THAT(attach(), FailsWith(Code::busy, "has no lane in this pod"));
  EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(HostLanesTest, APodThatTheKubeletDoesNotListIsRefused) {
  listed_.vf.clear();
  EXPECT_THAT(attach(), FailsWith(Code::busy, "has no lane in this pod"));
}

TEST_F(HostLanesTest, APodThatIsGoneHasNoLaneThoughTheAgentWasDown) {
  ASSERT_THAT(attach(), IsOk());
  start();
  step({vf()});
  EXPECT_THAT(recorded(), SizeIs(1));
  step({});
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(machine_.port().vf(0).info.rate.value_or(Rate()), Rate());
  EXPECT_THAT(said_.str(), HasSubstr("a lane on the host's network was taken back pod=ml/hosted"));
}

TEST_F(HostLanesTest, AVfThatTheNextPodHasIsNotTheLastOnes) {
  ASSERT_THAT(attach(), IsOk());
  checkpoint("0bad");
  step({vf()});
  EXPECT_THAT(recorded(), IsEmpty());
}

// Its VF may be in the kubelet's checkpoint, as that of a pod that ended long ago.
TEST_F(HostLanesTest, ALaneOfAnotherFrontEndIsLeft) {
  LaneRequest request;
  request.made_of = OfVf{FakeMachine::vf(1)};
  request.owner.container_id = "claim-1";
  request.owner.ifname = FakeMachine::vf(1).to_string();
  request.owner.pod_uid = "5f0c";
  ASSERT_THAT(in_place_->attach(request), IsOk());
  step({});
  EXPECT_THAT(recorded(), SizeIs(1));
}

TEST_F(HostLanesTest, ALaneThatItsPodHasByAnnotationIsLeft) {
  LaneRequest request;
  request.made_of = OfVf{FakeMachine::vf(1)};
  request.owner.container_id = "5f0c";
  request.owner.ifname = FakeMachine::vf(1).to_string();
  request.owner.beside = "pod";
  request.owner.pod_uid = "5f0c";
  ASSERT_THAT(in_place_->attach(request), IsOk());
  step({});
  EXPECT_THAT(recorded(), SizeIs(1));
  EXPECT_THAT(said_.str(), testing::Not(HasSubstr("taken back")));
}

}  // namespace
}  // namespace sluice
