// The agent as it runs on a node: the program itself, a kubelet, and a sysfs of files.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "pkg/ledger/ledger.h"
#include "pkg/podlanes/client.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "floor": "10G"}]})";

class AgentRun : public AgentWorld {
 protected:
  Ledger ledger() const { return *Ledger::open(dir_ / "run", *this_boot()); }

  void record_lane(const std::string& vf, const std::string& pod = {},
                   const std::string& pod_uid = {}) const {
    auto locked = *ledger().lock(kPort, std::chrono::seconds(5));
    LaneRecord lane{.id = vf, .provider = "vf", .phase = Phase::attached};
    live_here(lane.owner);
    lane.owner.pod = pod;
    lane.owner.pod_uid = pod_uid;
    std::erase_if(locked.record().lanes, [&](const LaneRecord& other) { return other.id == vf; });
    locked.record().lanes.push_back(lane);
    ASSERT_THAT(locked.save(), IsOk());
  }
};

TEST_F(AgentRun, OffersItsClassesAndGivesWhatItOffers) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(offers(), SizeIs(4));

  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 2));
  EXPECT_THAT(given, SizeIs(2));
  EXPECT_NE(agent->wait_for_line("pod has a device"), "");
}

TEST_F(AgentRun, TellsTheCniPluginWhichLanesAPodGets) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 1));
  PodLanesClient client({.path = dir_ / "run/agent.sock"});
  ASSERT_OK_AND_ASSIGN(const auto lanes, client.lanes_of({.name_space = "ns", .name = "pod"}));
  ASSERT_THAT(lanes, SizeIs(1));
  EXPECT_EQ(lanes[0].vf.to_string(), given[0]);
  EXPECT_EQ(lanes[0].class_name, "vf");
}

TEST_F(AgentRun, AContainerStartsOnlyWithALaneOfItsOwnPod) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_TRUE(kubelet_.resource(kVf).pre_start_required);
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 1));
  EXPECT_THAT(kubelet_.pre_start(kVf, given), FailsWith(Code::busy, "has no lane in this pod"));
  EXPECT_NE(agent->wait_for_line("a container may not start"), "");
  record_lane(given[0], "ns/last");
  EXPECT_THAT(kubelet_.pre_start(kVf, given), FailsWith(Code::busy, given[0]));
  record_lane(given[0], "ns/pod");
  EXPECT_THAT(kubelet_.pre_start(kVf, given), IsOk());
}

TEST_F(AgentRun, AnInitContainerStartsWithALaneOfItsPod) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  const std::vector<std::string> ids = {kubelet_.healthy(kVf).front()};
  ASSERT_THAT(kubelet_.allocate(kVf, {ids}), IsOk());  // The kubelet does not list the pod.
  record_lane(ids[0], "ns/pod", "5f0c");
  EXPECT_THAT(kubelet_.pre_start(kVf, ids), FailsWith(Code::busy, "has no lane in this pod"));
  std::ofstream(kubelet_.device_plugins() + "/kubelet_internal_checkpoint")
      << fmt::format(R"({{"Data":{{"PodDeviceEntries":[{{"PodUID":"5f0c","ContainerName":"init",)"
                     R"("ResourceName":"{}","DeviceIDs":{{"0":["{}"]}}}}]}}}})",
                     kVf, ids[0]);
  EXPECT_THAT(kubelet_.pre_start(kVf, ids), IsOk());
}

TEST_F(AgentRun, AnOffersFileThatIsDeletedIsWrittenAgain) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_EQ(::unlink((dir_ / "state/offers.json").c_str()), 0);
  EXPECT_NE(agent->wait_for_line("the file of the offers was written again"), "");
  EXPECT_THAT(offers(), SizeIs(4));
}

TEST_F(AgentRun, NotesTheNodesThatContainersGetForWhoAttachesTheLane) {
  tree_.pf("0000:5e:00.0", {.vfs = 1, .rdma = true});
  const std::string vf = SysfsTree::vf("0000:5e:00.0", 0).to_string();
  deploy(kOneClass);
  const auto agent = start({"--no-cdi"});
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 5));
  ASSERT_THAT(kubelet_.admit("ns/pod", kVf, 5), IsOk());
  EXPECT_THAT(*OfferStore(dir_ / "state").nodes_of(vf), testing::ElementsAre("uverbs1", "umad1"));
}

TEST_F(AgentRun, SaysOnceThatItCannotLiftTheLimitOfLockedMemoryWithoutCdi) {
  deploy(kOneClass);
  const auto agent = start({"--no-cdi"});
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_NE(agent->wait_for_line("running http="), "");
  EXPECT_THAT(agent->said(), HasSubstr("lockedMemory needs CDI"));
}

TEST_F(AgentRun, AnswersProbesAndMetrics) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_EQ(get(*agent, "/readyz").status, 200);
}

TEST_F(AgentRun, MetricsShowTheOffers) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  const std::string metrics = get(*agent, "/metrics").body;
  EXPECT_THAT(metrics,
              HasSubstr(R"(sluice_offers{class="vf",port="0000:3b:00.0",state="free"} 4)"));
  EXPECT_THAT(metrics,
              HasSubstr(R"(sluice_port_usable_bytes_per_second{port="0000:3b:00.0"} 12500000000)"));
}

TEST_F(AgentRun, EndsAtOnceWithSuccessWhenAskedTo) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  agent->send(SIGTERM);
  EXPECT_EQ(agent->wait_for_end(), 0) << agent->said();
}

TEST_F(AgentRun, KeepsItsOffersOverACrash) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "gold", "floor": "10G", "max": 1}, {"name": "vf"}]})");
  auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 3));
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 1));
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", "sluice.dev/gold", 1));
  const std::vector<Offer> before = offers();

  agent->send(SIGKILL);
  EXPECT_EQ(agent->wait_for_end(), 128 + SIGKILL);
  agent = start();
  EXPECT_NE(agent->wait_for_line("loaded saved offers offers=4"), "");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 3));
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 1));
  EXPECT_EQ(offers(), before);
  EXPECT_THAT(kubelet_.admit("ns/next", "sluice.dev/gold", 1), FailsWith(Code::exhausted, ""));
  EXPECT_THAT(kubelet_.admit("ns/next", kVf, 3), IsOk());
}

TEST_F(AgentRun, WhatIsKeptBackFollowsTheConfiguration) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  deploy(R"({"ports": [{"select": {}, "vfs": "leave", "shares": {"classes": {"bandwidth": "90%"}}}],
             "classes": [{"name": "vf", "floor": "10G"}]})");
  EXPECT_NE(agent->wait_for_line("what lanes may be promised of a port changed"), "");
  ASSERT_OK_AND_ASSIGN(const PortRecord port, ledger().peek(kPort));
  EXPECT_EQ(port.usable_part, (UsablePart{.fixed = {}, .percent = 90}));
  // The same step counts it a moment later.
  const std::string metric =
      R"(sluice_port_usable_bytes_per_second{port="0000:3b:00.0"} 11250000000)";
  EXPECT_TRUE(wait_for_metric(*agent, metric));
}

// As when the kubelet has just started.
TEST_F(AgentRun, ADeviceWithALaneIsInUseThoughTheKubeletListsNoPod) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 1));
  ASSERT_NE(agent->wait_for_line("pod has a device"), "");
  const std::string info = dir_ / "devinfo/sluice.dev-vf-" + given[0] + "-device.json";
  ASSERT_TRUE(std::filesystem::exists(info));
  record_lane(given[0]);
  kubelet_.remove("ns/pod");
  ASSERT_NE(agent->wait_for_line("no pod has the device any more"), "");
  // Whatever a step does to one device it has done before it offers anything of a new
  // configuration.
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "vf", "floor": "10G"}, {"name": "next"}]})");
  ASSERT_TRUE(
      kubelet_.wait([&] { return kubelet_.resource("sluice.dev/next").registrations > 0; }));
  EXPECT_TRUE(std::filesystem::exists(info));

  ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger().lock(kPort, std::chrono::seconds(5)));
  locked.record().lanes.clear();
  ASSERT_THAT(locked.save(), IsOk());
  EXPECT_TRUE(kubelet_.wait([&] { return !std::filesystem::exists(info); }));
}

TEST_F(AgentRun, AKillBetweenAllocateAndAddLosesNoLane) {
  deploy(kOneClass);
  auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 2));
  agent->send(SIGKILL);
  EXPECT_EQ(agent->wait_for_end(), 128 + SIGKILL);
  PodLanesClient client({.path = dir_ / "run/agent.sock", .timeout = std::chrono::milliseconds(0)});
  EXPECT_FALSE(client.lanes_of({.name_space = "ns", .name = "pod"}));

  agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_TRUE(kubelet_.wait([&] {
    const auto lanes = client.lanes_of({.name_space = "ns", .name = "pod"});
    return lanes && lanes->size() == 2;
  }));
}

TEST_F(AgentRun, WhatPodsGaveBackWhileTheAgentWasDownCanBeGivenAgain) {
  deploy(kOneClass);
  auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
  agent->send(SIGKILL);
  EXPECT_EQ(agent->wait_for_end(), 128 + SIGKILL);
  kubelet_.remove("ns/pod");
  agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.admit("ns/next", kVf, 4), IsOk());
}

TEST_F(AgentRun, SaysItsVersion) {
  ChildProcess asked({SLUICED, "--version"});
  EXPECT_EQ(asked.wait_for_end(), 0);
  EXPECT_EQ(asked.said(), "sluiced " SLUICE_VERSION "\n");
}

TEST_F(AgentRun, R12_RefusesToRunTwiceUnlessItIsToTakeOver) {
  deploy(kOneClass);
  const auto first = start();
  ASSERT_NE(first->wait_for_line("running http="), "");
  const auto second = start();
  EXPECT_EQ(second->wait_for_end(), 1);
  EXPECT_THAT(second->said(), HasSubstr("another instance is running: process"));
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
}

TEST_F(AgentRun, J5_ARestartOfTheKubeletReassignsNothing) {
  deploy(kOneClass);
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.admit("ns/pod", kVf, 2));
  const std::vector<Offer> before = offers();
  kubelet_.restart();
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.resource(kVf).registrations >= 2; }));
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.readmit("ns/pod"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto next, kubelet_.admit("ns/next", kVf, 2));
  for (const std::string& vf : next) EXPECT_THAT(given, testing::Not(testing::Contains(vf)));
  EXPECT_EQ(offers(), before);
}

TEST_F(AgentRun, D28_AfterARebootPodsFindTheirDevicesUnderTheirClasses) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "gold", "floor": "10G", "max": 2}, {"name": "vf"}]})");
  auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 2));
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 2));
  ASSERT_THAT(kubelet_.admit("ns/pod", "sluice.dev/gold", 2), IsOk());
  ASSERT_THAT(kubelet_.admit("ns/pod", kVf, 1), IsOk());
  const std::vector<Offer> before = offers();
  agent->send(SIGKILL);
  EXPECT_EQ(agent->wait_for_end(), 128 + SIGKILL);
  kubelet_.stop();
  std::filesystem::remove_all(dir_ / "run");  // A tmpfs, as is the other one.
  std::filesystem::remove_all(dir_ / "devinfo");

  kubelet_.start();
  agent = start();
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.readmit("ns/pod").has_value(); }));
  EXPECT_EQ(offers(), before);
}

}  // namespace
}  // namespace sluice
