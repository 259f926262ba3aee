// Offers that move from class to class: the program itself, a kubelet, and an API server that shows
// the node as the kubelet would have published it.
#include "test/fake/fake_api_server.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::Not;
using testing::SizeIs;

constexpr const char* kGold = "sluice.dev/gold";
constexpr const char* kSilver = "sluice.dev/silver";
constexpr const char* kNode = "/api/v1/nodes/n";
constexpr const char* kGoldAlone =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "gold", "floor": "10G"}]})";
constexpr const char* kTwoGold =
    R"({"ports": [{"select": {}, "vfs": "max"}],
        "classes": [{"name": "gold", "floor": "10G", "max": 2}, {"name": "silver"}]})";

// Withdrawals are judged once a second, and not before ten have passed (kListTime).
constexpr int kJudgements = 13;
constexpr std::chrono::seconds kPatience{40};

class AgentMoves : public AgentWorld {
 protected:
  AgentMoves() {
    publish();
    dir_.write("kubeconfig",
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
               "clusters:\n- name: k\n  cluster: {server: '" +
                   api_.url() + "'}\nusers:\n- name: u\n  user: {}\n");
  }

  std::unique_ptr<ChildProcess> start_with_api() {
    return start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
  }

  // The kubelet writes its node's status.
  void publish() {
    published_ = kubelet_.allocatable();
    api_.put(kNode, {{"metadata", {{"name", "n"}}}, {"status", {{"allocatable", published_}}}});
  }

  // Until what was withdrawn could have been offered again if the node did not matter.
  bool wait_for_judgements() {
    const int before = kubelet_.times_asked();
    return kubelet_.wait([&] { return kubelet_.times_asked() >= before + kJudgements; }, kPatience);
  }

  // While the kubelet publishes what changes.
  bool wait_for(const std::string& resource, std::size_t count) {
    const auto look = [&] {
      if (kubelet_.allocatable() != published_) publish();
      return kubelet_.healthy(resource).size() == count;
    };
    return kubelet_.wait(look, kPatience);
  }

  bool wait_for_event(const std::string& reason) {
    return kubelet_.wait([&] {
      for (const auto& event : api_.list("/apis/events.k8s.io/v1/namespaces/default/events")) {
        if (event.value("reason", "") == reason) return true;
      }
      return false;
    });
  }

  FakeApiServer api_;
  std::map<std::string, std::string> published_;
};

TEST_F(AgentMoves, D27_AVfIsOfferedElsewhereOnceTheNodeShowsItsWithdrawal) {
  deploy(kGoldAlone);
  const auto agent = start_with_api();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 4));
  publish();
  deploy(kTwoGold);
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 2));
  EXPECT_THAT(offered("gold", OfferState::withdrawn), SizeIs(2));

  // The scheduler still counts four. The kubelet alone refuses who comes for what is not listed.
  EXPECT_THAT(kubelet_.admit("ns/late", kGold, 3), FailsWith(Code::exhausted, "unavailable"));
  ASSERT_TRUE(wait_for_judgements());
  EXPECT_THAT(kubelet_.healthy(kSilver), SizeIs(0)) << agent->said();

  EXPECT_TRUE(wait_for(kSilver, 2));
  EXPECT_THAT(kubelet_.healthy(kGold), SizeIs(2));
}

TEST_F(AgentMoves, D26_AnAllocateIsFasterThanAWithdrawal) {
  deploy(kGoldAlone);
  const auto agent = start_with_api();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 4));
  publish();
  deploy(kTwoGold);
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 2));
  const std::string taken = offered("gold", OfferState::withdrawn).at(0);

  ASSERT_THAT(kubelet_.admit_with("ns/pod", kGold, {taken}), IsOk());
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.resource(kGold).devices.contains(taken); }));
  // Gold may have two, so another free one goes in its place.
  ASSERT_TRUE(wait_for(kSilver, 2));
  EXPECT_THAT(kubelet_.healthy(kSilver), Not(Contains(taken)));
  EXPECT_THAT(kubelet_.healthy(kGold), Contains(taken));
  EXPECT_THAT(kubelet_.readmit("ns/pod"), IsOk());
}

TEST_F(AgentMoves, D29_AHeldVfOfAClassThatIsGoneStaysUntilItsPodEnds) {
  deploy(kTwoGold);
  const auto agent = start_with_api();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 2));
  ASSERT_OK_AND_ASSIGN(const auto held, kubelet_.admit("ns/pod", kGold, 1));
  ASSERT_NE(agent->wait_for_line("pod has a device"), "");
  publish();

  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "silver"}]})");
  EXPECT_NE(agent->wait_for_line("is offered only until its pod ends"), "") << agent->said();
  EXPECT_TRUE(wait_for_event("OfferWaitsForPod"));
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 1));
  EXPECT_EQ(kubelet_.healthy(kGold), held);
  EXPECT_THAT(kubelet_.readmit("ns/pod"), IsOk());
  EXPECT_TRUE(wait_for(kSilver, 3));
  EXPECT_EQ(kubelet_.healthy(kGold), held);

  kubelet_.remove("ns/pod");
  EXPECT_TRUE(wait_for(kSilver, 4));
  EXPECT_THAT(kubelet_.healthy(kGold), SizeIs(0));
}

}  // namespace
}  // namespace sluice
