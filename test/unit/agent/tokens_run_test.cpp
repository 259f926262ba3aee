// Tokens of annotated pods with the program itself: it starts, dies and is replaced while a pod has
// one.
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>

#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;

constexpr const char* kRdma = "sluice.dev/rdma";
constexpr std::size_t kAll = 1000;
constexpr const char* kPort = "0000:5e:00.0";
constexpr const char* kForPods =
    R"({"ports": [{"select": {}, "vfs": "max", "shares": {"pods": {}}}], "classes": [{"name": "vf"}]})";

class TokensRun : public AgentWorld {
 protected:
  TokensRun() {
    tree_.pf(kPort, {.vfs = 2, .rdma = true});
    deploy(kForPods);
  }

  /// The answer: the token.
  std::string admit(const std::string& pod, const std::string& uid) {
    const auto tokens = kubelet_.admit("ns/" + pod, kRdma, 1);
    EXPECT_THAT(tokens, IsOk());
    if (!tokens) return "";
    std::ofstream(kubelet_.device_plugins() + "/kubelet_internal_checkpoint")
        << fmt::format(R"({{"Data":{{"PodDeviceEntries":[{{"PodUID":"{}","ContainerName":"main",)"
                       R"("ResourceName":"{}","DeviceIDs":{{"-1":["{}"]}}}}]}}}})",
                       uid, kRdma, tokens->front());
    return tokens->front();
  }

  /// As the CNI's ADD leaves a pod with one lane by annotation.
  void give_lane(const std::string& pod, const std::string& uid) const {
    const std::string vf = SysfsTree::vf(kPort, 0).to_string();
    EXPECT_THAT(GrantStore(dir_ / "state")
                    .save({{.uid = uid,
                            .kind = Grant::Kind::pod,
                            .name = "ns/" + pod,
                            .pod_uid = uid,
                            .vfs = {{.vf = vf, .port = kPort, .char_devices = {"uverbs1"}}}}}),
                IsOk());
    auto locked = *Ledger::open(dir_ / "run", *this_boot())->lock(kPort, std::chrono::seconds(5));
    LaneRecord lane{.id = vf, .provider = "vf", .phase = Phase::attached};
    live_here(lane.owner);
    lane.owner.pod_uid = uid;
    locked.record().lanes.push_back(lane);
    EXPECT_THAT(locked.save(), IsOk());
  }

  Result<> start_container(const std::string& token) { return kubelet_.pre_start(kRdma, {token}); }

  std::string file(const std::string& token) const {
    const std::string name = "cdi/sluice.dev-rdma_" + token + ".json";
    return dir_.has(name) ? dir_.read(name) : "";
  }

  int registrations() const { return kubelet_.resource(kRdma).registrations; }
};

TEST_F(TokensRun, AnAgentThatDiesBetweenAllocateAndStartIsReplaced) {
  std::string token;
  {
    const auto killed = start();
    ASSERT_TRUE(kubelet_.wait_healthy(kRdma, kAll));
    token = admit("pod", "5f0c");
    EXPECT_THAT(start_container(token), FailsWith(Code::busy, "has no lanes by annotation"));
    killed->send(SIGKILL);
    killed->wait_for_end();
  }
  give_lane("pod", "5f0c");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait([&] { return registrations() == 2; }));
  ASSERT_TRUE(kubelet_.wait([&] { return bool(start_container(token)); }));
  EXPECT_THAT(file(token), HasSubstr("/dev/infiniband/uverbs1"));
}

TEST_F(TokensRun, NoTokenIsMissedWhileAnotherInstanceTakesOver) {
  auto first = start({"--take-over"});
  ASSERT_TRUE(kubelet_.wait_healthy(kRdma, kAll));
  const std::string token = admit("pod", "5f0c");
  give_lane("pod", "5f0c");
  const auto second = start({"--take-over"});
  std::size_t fewest = kAll;
  ASSERT_TRUE(kubelet_.wait([&] {
    fewest = std::min(fewest, kubelet_.healthy(kRdma).size());
    EXPECT_THAT(start_container(token), IsOk());
    return registrations() == 2;
  }));
  first->send(SIGTERM);
  EXPECT_EQ(first->wait_for_end(), 0);
  fewest = std::min(fewest, kubelet_.healthy(kRdma).size());
  EXPECT_EQ(fewest, kAll);
  EXPECT_THAT(start_container(token), IsOk());
  EXPECT_THAT(file(token), HasSubstr("/dev/infiniband/uverbs1"));
}

TEST_F(TokensRun, ARuntimeWithoutCdiHasNone) {
  const auto agent = start({"--no-cdi"});
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.resource("sluice.dev/vf").lists > 0; }));
  deploy(
      R"({"ports": [{"select": {}, "vfs": "max", "shares": {"pods": {}}}], "classes": [{"name": "later"}]})");
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.resource("sluice.dev/later").lists > 0; }));
  EXPECT_EQ(registrations(), 0);
}

}  // namespace
}  // namespace sluice
