// Two or three agents on one node, as during an update: each a process, with one kubelet.
#include <atomic>
#include <csignal>
#include <thread>

#include "pkg/podlanes/client.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "floor": "10G"}]})";

/// What a kubelet and a runtime do meanwhile, again and again until the end, in threads.
class Meanwhile {
 public:
  Meanwhile(FakeKubelet& kubelet, std::string agent_socket)
      : kubelet_(kubelet), client_({.path = std::move(agent_socket)}) {
    threads_.emplace_back([this](const std::stop_token& stop) { count_devices(stop); });
    threads_.emplace_back([this](const std::stop_token& stop) { admit_pods(stop); });
  }

  ~Meanwhile() { end(); }
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;

  /// Its findings stand after that.
  void end() { threads_.clear(); }

  std::size_t fewest_devices() const { return fewest_; }
  int admitted() const { return admitted_; }
  const std::string& failure() const { return failure_; }

 private:
  void count_devices(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      fewest_ = std::min<std::size_t>(fewest_, kubelet_.healthy(kVf).size());
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }

  // Pods from their admission to their end, as far as the agent is asked. So few a second that the
  // lines that an agent logs of them fit its pipe: a test reads it now and then.
  void admit_pods(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const Result<> done = admit_pod("pod-" + std::to_string(admitted_));
      if (!done && failure_.empty()) failure_ = done.error().message();
      ++admitted_;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  Result<> admit_pod(const std::string& name) {
    const auto given = TRY(kubelet_.admit("ns/" + name, kVf, 1));
    const auto lanes = client_.lanes_of({.name_space = "ns", .name = name});
    kubelet_.remove("ns/" + name);
    if (!lanes) return lanes.error();
    if (lanes->size() == 1 && lanes->front().vf.to_string() == given.front()) return {};
    return Error(Code::internal, "the agent names other lanes");
  }

  FakeKubelet& kubelet_;
  PodLanesClient client_;
  std::atomic<std::size_t> fewest_ = 1000;
  std::atomic<int> admitted_ = 0;
  std::string failure_;  // Of the thread that admits.
  std::vector<std::jthread> threads_;
};

class AgentHandOver : public AgentWorld {
 protected:
  explicit AgentHandOver(FakeKubelet::Release release = FakeKubelet::Release::v1_37)
      : AgentWorld(release) {
    deploy(kOneClass);
  }

  /// The next instance, as the DaemonSet starts it.
  std::unique_ptr<ChildProcess> next(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = {"--take-over"};
    options.insert(options.end(), more.begin(), more.end());
    return start(options);
  }

  std::unique_ptr<ChildProcess> first() {
    auto agent = next();
    EXPECT_TRUE(kubelet_.wait_healthy(kVf, 4));
    EXPECT_TRUE(has_started());
    return agent;
  }

  /// The startup probe.
  int started() const {
    ChildProcess probe({SLUICED, "started", "--run-dir", dir_ / "run"});
    return probe.wait_for_end();
  }

  bool has_started() {
    return kubelet_.wait([&] { return started() == 0; });
  }

  int registrations() const { return kubelet_.resource(kVf).registrations; }
  std::string agent_socket() const { return dir_ / "run/agent.sock"; }
};

class AgentHandOver136 : public AgentHandOver {
 protected:
  AgentHandOver136() : AgentHandOver(FakeKubelet::Release::v1_36) {}
};

TEST_F(AgentHandOver, PodsComeAndGoMeanwhileAndNoDeviceIsEverMissing) {
  auto old = first();
  Meanwhile meanwhile(kubelet_, agent_socket());
  for (int round = 0; round < 3; ++round) {
    auto young = next();
    EXPECT_NE(old->wait_for_line("handed over"), "");
    EXPECT_NE(young->wait_for_line("running http="), "");
    ASSERT_TRUE(has_started());
    old->send(SIGTERM);
    EXPECT_EQ(old->wait_for_end(), 0) << old->said();
    old = std::move(young);
  }
  meanwhile.end();
  EXPECT_EQ(meanwhile.failure(), "");
  EXPECT_GT(meanwhile.admitted(), 10);
  EXPECT_EQ(meanwhile.fewest_devices(), 4U);
  EXPECT_EQ(registrations(), 4);
}

TEST_F(AgentHandOver, OneThatEndsWhileAnotherWaitsHandsOverBeforeItDoes) {
  auto old = first();
  Meanwhile meanwhile(kubelet_, agent_socket());
  old->send(SIGSTOP);  // So that it has both to see at once.
  const auto young = next();
  ASSERT_TRUE(kubelet_.wait([&] { return started() == 1; }));
  old->send(SIGTERM);
  old->send(SIGCONT);
  EXPECT_EQ(old->wait_for_end(), 0) << old->said();
  EXPECT_THAT(old->said(), HasSubstr("handed over"));
  ASSERT_TRUE(has_started());
  meanwhile.end();
  EXPECT_EQ(meanwhile.failure(), "");
  EXPECT_EQ(meanwhile.fewest_devices(), 4U);
}

TEST_F(AgentHandOver, TheOldOneStaysAndIsQuietAndActsAgainWhenTheNewOneDies) {
  const auto old = first();
  const auto young = next();
  EXPECT_NE(old->wait_for_line("handed over"), "");
  ASSERT_TRUE(has_started());
  // It neither answers for its port nor writes: the new one alone follows the configuration.
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "next"}]})");
  EXPECT_NE(young->wait_for_line("configuration was read"), "");
  deploy(kOneClass);
  EXPECT_NE(young->wait_for_line("configuration was read"), "");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_EQ(old->said().find("configuration was read"), std::string::npos);

  young->send(SIGKILL);
  EXPECT_EQ(young->wait_for_end(), 128 + SIGKILL);
  EXPECT_NE(old->wait_for_line("running http="), "");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
}

TEST_F(AgentHandOver, OneThatCannotStartLeavesTheNodeAsItWas) {
  const auto old = first();
  Meanwhile meanwhile(kubelet_, agent_socket());
  const auto bad = next({"--http-address", "no address"});
  EXPECT_EQ(bad->wait_for_end(), 1);
  EXPECT_NE(old->wait_for_line("handed over"), "");
  EXPECT_NE(old->wait_for_line("running http="), "");
  ASSERT_TRUE(has_started());
  meanwhile.end();
  EXPECT_EQ(meanwhile.failure(), "");
  EXPECT_EQ(meanwhile.fewest_devices(), 4U);
  EXPECT_EQ(get(*old, "/readyz").status, 200);
}

TEST_F(AgentHandOver, OneThatIsKilledWhileItWaitsChangesNothing) {
  const auto old = first();
  old->send(SIGSTOP);
  const auto young = next();
  ASSERT_TRUE(kubelet_.wait([&] { return started() == 1; }));
  young->send(SIGKILL);
  EXPECT_EQ(young->wait_for_end(), 128 + SIGKILL);
  old->send(SIGCONT);
  EXPECT_EQ(started(), 0);
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
  EXPECT_EQ(registrations(), 1);
  old->send(SIGTERM);
  EXPECT_EQ(old->wait_for_end(), 0);
  EXPECT_EQ(old->said().find("handing over"), std::string::npos);
}

TEST_F(AgentHandOver, TheNewOneActsWhenTheOldOneIsKilledBeforeItHandsOver) {
  const auto old = first();
  old->send(SIGSTOP);
  const auto young = next();
  ASSERT_TRUE(kubelet_.wait([&] { return started() == 1; }));
  old->send(SIGKILL);
  EXPECT_EQ(old->wait_for_end(), 128 + SIGKILL);
  EXPECT_NE(young->wait_for_line("running http="), "");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
}

TEST_F(AgentHandOver, OfThreeTheLastActsAndEachOfTheOthersCan) {
  std::vector<std::unique_ptr<ChildProcess>> agents;
  agents.push_back(first());
  for (int i = 0; i < 2; ++i) {
    agents.push_back(next());
    EXPECT_NE(agents.back()->wait_for_line("running http="), "");
    ASSERT_TRUE(has_started());
  }
  for (int left = 2; left > 0; --left) {
    const int before = registrations();
    const std::string acting = dir_.read("run/sluiced.lock");
    ASSERT_EQ(::kill(std::stoi(acting), SIGKILL), 0);
    ASSERT_TRUE(kubelet_.wait([&] { return registrations() > before; }));
    ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
    EXPECT_NE(dir_.read("run/sluiced.lock"), acting);
  }
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
}

// It drops the new one when the old one ends, and is told again at once.
TEST_F(AgentHandOver136, AKubeletThatKnowsOneInstanceHasTheDevicesAgain) {
  const auto old = first();
  const auto young = next();
  EXPECT_NE(young->wait_for_line("running http="), "");
  ASSERT_TRUE(has_started());
  old->send(SIGTERM);
  EXPECT_EQ(old->wait_for_end(), 0);
  ASSERT_TRUE(kubelet_.wait([&] { return registrations() == 3; }));
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
}

TEST_F(AgentHandOver136, AKubeletThatKnowsOneInstanceHasDevicesAfterTheNewOneDiedOnItsWay) {
  const auto old = first();
  const auto bad = next({"--http-address", "no address"});
  EXPECT_EQ(bad->wait_for_end(), 1);
  EXPECT_NE(old->wait_for_line("handed over"), "");
  EXPECT_NE(old->wait_for_line("running http="), "");
  ASSERT_TRUE(has_started());
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_THAT(kubelet_.admit("ns/pod", kVf, 4), IsOk());
}

}  // namespace
}  // namespace sluice
