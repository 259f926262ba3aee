// Offers that move from class to class: the program itself, a kubelet, and an API server that shows
// the node as the kubelet would have published it.
#include "pkg/ledger/ledger.h"
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
constexpr std::chrono::seconds kTimeout{40};

class AgentMoves : public AgentWorld {
 protected:
  AgentMoves() {
    publish();
    write_kubeconfig(api_.url());
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
    return kubelet_.wait([&] { return kubelet_.times_asked() >= before + kJudgements; }, kTimeout);
  }

  // While the kubelet publishes what changes.
  bool wait_for(const std::string& resource, std::size_t count) {
    const auto look = [&] {
      if (kubelet_.allocatable() != published_) publish();
      return kubelet_.healthy(resource).size() == count;
    };
    return kubelet_.wait(look, kTimeout);
  }

  // Until there is one; null when none came.
  FakeApiServer::Json wait_for_event(const std::string& reason,
                                     const std::string& name_space = "default") {
    const std::string events = "/apis/events.k8s.io/v1/namespaces/" + name_space + "/events";
    FakeApiServer::Json found;
    kubelet_.wait([&] {
      for (const auto& event : api_.list(events)) {
        if (event.value("reason", "") == reason) found = event;
      }
      return !found.is_null();
    });
    return found;
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
  EXPECT_FALSE(wait_for_event("OfferWaitsForPod").is_null());
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 1));
  EXPECT_EQ(kubelet_.healthy(kGold), held);
  EXPECT_THAT(kubelet_.readmit("ns/pod"), IsOk());
  EXPECT_TRUE(wait_for(kSilver, 3));
  EXPECT_EQ(kubelet_.healthy(kGold), held);

  kubelet_.remove("ns/pod");
  EXPECT_TRUE(wait_for(kSilver, 4));
  EXPECT_THAT(kubelet_.healthy(kGold), SizeIs(0));
}

// It fails a pod whose device is offered no more when it admits the pod again.
TEST_F(AgentMoves, AVfOfAPodThatARestartedKubeletHasNotFoundYetStaysOffered) {
  deploy(kGoldAlone);
  const auto agent = start_with_api();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 4));
  ASSERT_THAT(kubelet_.admit("ml/a", kGold, 3), IsOk());
  ASSERT_NE(agent->wait_for_line("pod has a device"), "");
  deploy(kTwoGold);
  ASSERT_TRUE(wait_for(kGold, 3)) << "one more than the class may have, while the pod lives";

  kubelet_.restart_without_pods();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 3));
  const int before = kubelet_.times_listed();
  ASSERT_TRUE(kubelet_.wait([&] { return kubelet_.times_listed() > before; }, kTimeout));
  EXPECT_FALSE(
      kubelet_.wait([&] { return kubelet_.healthy(kGold).size() < 3; }, std::chrono::seconds(4)));
  kubelet_.list_pods();
  EXPECT_THAT(kubelet_.readmit("ml/a"), IsOk());
}

TEST_F(AgentMoves, APodIsToldWhatItsLaneIsPromised) {
  deploy(kGoldAlone);
  const auto agent = start_with_api();
  ASSERT_TRUE(kubelet_.wait_healthy(kGold, 4));
  {
    ASSERT_OK_AND_ASSIGN(const std::string boot, this_boot());
    ASSERT_OK_AND_ASSIGN(const Ledger ledger, Ledger::open(dir_ / "run", boot));
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger.lock("0000:3b:00.0", kTimeout));
    locked.record().lanes.push_back(
        {.id = "0000:3b:02.1",
         .provider = "vf",
         .number = 1,
         .phase = Phase::attached,
         .owner = {.container_id = "c1", .ifname = "net1", .pod = "ml/trainer", .pod_uid = "5f0c"},
         .class_name = "gold",
         .asked = {.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(20)}});
    live_here(locked.record().lanes.back().owner);
    ASSERT_THAT(locked.save(), IsOk());
  }
  const FakeApiServer::Json event = wait_for_event("LaneAttached", "ml");
  ASSERT_FALSE(event.is_null()) << agent->said();
  EXPECT_EQ(event["note"],
            "net1 is VF 0000:3b:02.1 of port 0000:3b:00.0, class 'gold', "
            "10 Gbit/s promised, at most 20 Gbit/s");
  EXPECT_EQ(event["type"], "Normal");
  EXPECT_EQ(event["regarding"]["name"], "trainer");
  EXPECT_EQ(event["regarding"]["uid"], "5f0c");
}

}  // namespace
}  // namespace sluice
