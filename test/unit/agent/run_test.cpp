// The agent as it runs on a node: the program itself, a kubelet, and a sysfs of files.
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "pkg/http/client.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/offers.h"
#include "pkg/netlink/netns.h"
#include "pkg/podlanes/client.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/child_process.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "floor": "10G"}]})";

class AgentRun : public testing::Test {
 protected:
  AgentRun() : kubelet_(dir_ / "kubelet", FakeKubelet::Registry::watched) {
    tree_.pf(kPort, {.vfs = 4});
    std::filesystem::create_directory(dir_ / "config");
    kubelet_.start();
  }

  // As kubelet swaps a ConfigMap: a new directory, and one link that is moved onto the old one.
  void deploy(const std::string& config) {
    const std::string version = fmt::format("..{}", ++version_);
    std::filesystem::create_directory(dir_ / "config" + "/" + version);
    dir_.write("config/" + version + "/config.json", config);
    std::filesystem::create_directory_symlink(version, dir_ / "config/..data_tmp");
    std::filesystem::rename(dir_ / "config/..data_tmp", dir_ / "config/..data");
    if (version_ == 1) {
      std::filesystem::create_symlink("..data/config.json", dir_ / "config/config.json");
    }
  }

  std::unique_ptr<ChildProcess> start() {
    return std::make_unique<ChildProcess>(std::vector<std::string>{
        SLUICED, "run", "--config", dir_ / "config/config.json", "--sysfs-root", tree_.path(),
        "--run-dir", dir_ / "run", "--state-dir", dir_ / "state", "--kubelet-dir", dir_ / "kubelet",
        "--cdi-dir", dir_ / "cdi", "--device-info-dir", dir_ / "devinfo", "--http-port", "0"});
  }

  // What the agent's server answers; its address is in the line that says that it runs.
  static HttpAnswer get(ChildProcess& agent, const std::string& path) {
    const std::string line = agent.wait_for_line("running http=");
    const auto begin = line.find("http=") + 5;
    const std::string url = "http://" + line.substr(begin, line.find(' ', begin) - begin) + path;
    HttpClient client({}, "test");
    auto answer = client.send({.method = "GET", .url = url});
    return answer ? *answer : HttpAnswer{};
  }

  Ledger ledger() const { return *Ledger::open(dir_ / "run", *this_boot()); }

  // Of a pod whose namespace is that of this process, so that it is there.
  void record_lane(const std::string& vf) const {
    const std::string netns = fmt::format("/proc/{}/ns/net", ::getpid());
    auto book = *ledger().lock(kPort, std::chrono::seconds(5));
    LaneRecord lane{.id = vf, .provider = "vf", .phase = Phase::attached};
    lane.owner.netns = netns;
    if (const auto own = NetNs::open(netns); own && *own) {
      lane.owner.netns_cookie = (*own)->cookie();
    }
    book.record().lanes.push_back(lane);
    ASSERT_THAT(book.save(), IsOk());
  }

  std::vector<Offer> offers() const { return *OfferStore(dir_ / "state").peek(); }

  TempDir dir_;
  SysfsTree tree_;
  FakeKubelet kubelet_;
  int version_ = 0;
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
              HasSubstr(R"(sluice_port_usable_bits_per_second{port="0000:3b:00.0"} 100000000000)"));
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
  EXPECT_NE(agent->wait_for_line("took up what was offered before offers=4"), "");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 3));
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 1));
  EXPECT_EQ(offers(), before);
  EXPECT_THAT(kubelet_.admit("ns/next", "sluice.dev/gold", 1), FailsWith(Code::exhausted, ""));
  EXPECT_THAT(kubelet_.admit("ns/next", kVf, 3), IsOk());
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

  ASSERT_OK_AND_ASSIGN(PortBook book, ledger().lock(kPort, std::chrono::seconds(5)));
  book.record().lanes.clear();
  ASSERT_THAT(book.save(), IsOk());
  EXPECT_TRUE(kubelet_.wait([&] { return !std::filesystem::exists(info); }));
}

TEST_F(AgentRun, RefusesToRunTwice) {
  deploy(kOneClass);
  const auto first = start();
  ASSERT_NE(first->wait_for_line("running http="), "");
  const auto second = start();
  EXPECT_EQ(second->wait_for_end(), 1);
  EXPECT_THAT(second->said(), HasSubstr("another instance is running: process"));
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
}

TEST_F(AgentRun, AWrongConfigurationIsNamedWholeAtTheStart) {
  deploy(R"({"ports": [{"select": {}, "vfs": -1}], "classes": [{"name": "A"}]})");
  const auto agent = start();
  EXPECT_EQ(agent->wait_for_end(), 2);
  EXPECT_THAT(agent->said(), HasSubstr("/ports/0/vfs"));
  EXPECT_THAT(agent->said(), HasSubstr("/classes/0/name"));
  EXPECT_FALSE(dir_.has("run"));
}

TEST_F(AgentRun, TakesUpANewConfigurationAtOnce) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "vf", "max": 1}, {"name": "gold", "floor": "20G"}]})");
  EXPECT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 3));
}

TEST_F(AgentRun, AConfigurationThatIsNotGoodChangesNothing) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  deploy(R"({"ports": [], "classes": [{"name": "vf", "flor": "1G"}]})");
  const std::string line = agent->wait_for_line("the last one stays in force");
  EXPECT_THAT(line, HasSubstr("/classes/0/flor")) << agent->said();
  EXPECT_TRUE(kubelet_.wait_healthy(kVf, 1));
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 3}]})");
  EXPECT_TRUE(kubelet_.wait_healthy(kVf, 3));
}

}  // namespace
}  // namespace sluice
