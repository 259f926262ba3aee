// Container devices for annotated pods, from the pod's admission to its end.
#include "agent/pods/tokens.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/cdi/container_edits.h"
#include "test/unit/agent/tokens_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

class TokensTest : public TokensWorld {
 protected:
  TokensTest() { EXPECT_TRUE(is_offered()); }

  /// Paths of the device nodes that a container with the token gets.
  std::vector<std::string> nodes(const std::string& token) const {
    std::vector<std::string> paths;
    const auto spec = nlohmann::json::parse(file(token), nullptr, false);
    for (const auto& node : spec["devices"][0]["containerEdits"]["deviceNodes"]) {
      paths.push_back(node["path"].get<std::string>());
    }
    return paths;
  }

  /// Those of the lanes of these VFs.
  std::vector<std::string> nodes_of(const std::vector<int>& vfs) const {
    std::vector<std::string> paths;
    for (const int index : vfs) {
      for (const std::string& path : device_nodes(chars_of(index), "")) {
        if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
      }
    }
    return paths;
  }
};

TEST_F(TokensTest, AllocateNamesADeviceThatIsNotThereYet) {
  ASSERT_OK_AND_ASSIGN(const auto given, kubelet_.allocate(kRdma, {{"token-17"}, {"token-3"}}));
  ASSERT_EQ(given.size(), 2U);
  EXPECT_THAT(given[0].cdi_devices, testing::ElementsAre("sluice.dev/rdma=token-17"));
  EXPECT_THAT(given[1].cdi_devices, testing::ElementsAre("sluice.dev/rdma=token-3"));
  EXPECT_TRUE(given[0].devices.empty());
  EXPECT_TRUE(given[0].envs.empty());
  EXPECT_FALSE(has_file("token-17"));
  EXPECT_THAT(kubelet_.allocate(kRdma, {{"0000:3b:02.0"}}),
              FailsWith(Code::not_found, "'0000:3b:02.0' is no token"));
}

TEST_F(TokensTest, AContainerGetsTheDevicesOfAllLanesOfItsPod) {
  const std::string token = pod_with_lanes("ml/a", "a", {0, 2});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({0, 2}));
  const std::string text = file(token);
  EXPECT_THAT(text, HasSubstr("SLUICE_LANE_0000_3B_02_0={"));
  EXPECT_THAT(text, HasSubstr(R"(\"request\":\"lane-2\",\"vf\":\"0000:3b:02.2\")"));
  EXPECT_THAT(text, HasSubstr(R"(\"interface\":\"net2\",\"floor\":\"10G\",\"ceiling\":\"20G\")"));
  EXPECT_THAT(text, HasSubstr(R"("path":"/opt/cni/bin/sluice-memlock")"));
}

TEST_F(TokensTest, OnTheHostsNetworkAContainerIsToldTheLinksNameThere) {
  const std::string token = admit("ml/a", "a");
  grant("ml/a", "a", {0, 2});
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "VF 0000:3b:02.0 of pod 'ml/a'"));
  attach_in_place("a", {0, 2});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({0, 2}));
  EXPECT_THAT(file(token), HasSubstr(R"(\"interface\":\"eth0v2\")"));
}

TEST_F(TokensTest, TwoPodsNeverSeeEachOthersDevices) {
  const std::string first = pod_with_lanes("ml/a", "a", {0, 1});
  const std::string second = pod_with_lanes("ml/b", "b", {2});
  ASSERT_NE(first, second);
  ASSERT_THAT(start_container(first), IsOk());
  ASSERT_THAT(start_container(second), IsOk());
  EXPECT_EQ(nodes(first), nodes_of({0, 1}));
  EXPECT_EQ(nodes(second), nodes_of({2}));
}

TEST_F(TokensTest, ATokenHasNothingOfItsLastPodFromTheAllocateOn) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  kubelet_.remove("ml/a");
  admit_with("ml/b", "b", token);
  EXPECT_FALSE(has_file(token));
  // The last pod's grant and lane may be there still.
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "has no lanes by annotation"));
  EXPECT_FALSE(has_file(token));
  grant("ml/b", "b", {1});
  attach("b", {1});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({1}));
}

TEST_F(TokensTest, APodHasNothingOfAnEarlierOneOfItsName) {
  const std::string token = pod_with_lanes("ml/a", "a-1", {0});
  kubelet_.remove("ml/a");
  admit_with("ml/a", "a-2", token);
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "UID 'a-2' has no lanes"));
  EXPECT_FALSE(has_file(token));
}

TEST_F(TokensTest, APodWithoutLanesByAnnotationIsRefused) {
  const std::string token = admit("ml/a", "a");
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "has no lanes by annotation"));
  EXPECT_FALSE(has_file(token));
}

TEST_F(TokensTest, NoContainerStartsBeforeAllLanesAreAttached) {
  const std::string token = admit("ml/a", "a");
  grant("ml/a", "a", {0, 1});
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "VF 0000:3b:02.0 of pod 'ml/a'"));
  attach("a", {0});
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "VF 0000:3b:02.1 of pod 'ml/a'"));
  EXPECT_FALSE(has_file(token));
  attach("a", {1});
  EXPECT_THAT(start_container(token), IsOk());
}

// A pod may be granted a VF that its last pod has yet to give back.
TEST_F(TokensTest, ALaneOfTheVfsLastPodIsNotThePods) {
  attach("last", {0});
  const std::string token = admit("ml/a", "a");
  grant("ml/a", "a", {0});
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "VF 0000:3b:02.0 of pod 'ml/a'"));
  EXPECT_FALSE(has_file(token));
}

TEST_F(TokensTest, AContainerThatStartsAgainIsRefusedOnceALaneIsGone) {
  const std::string token = pod_with_lanes("ml/a", "a", {0, 1});
  ASSERT_THAT(start_container(token), IsOk());
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({0, 1}));
  detach("a", 1);
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "is not attached"));
  EXPECT_FALSE(has_file(token));
}

// The kubelet does not list init containers.
TEST_F(TokensTest, AnInitContainerGetsThem) {
  ASSERT_THAT(kubelet_.allocate(kRdma, {{"token-7"}}), IsOk());
  keep("a", "token-7");
  grant("ml/a", "a", {3});
  attach("a", {3});
  ASSERT_THAT(start_container("token-7"), IsOk());
  EXPECT_EQ(nodes("token-7"), nodes_of({3}));
}

TEST_F(TokensTest, ATokenThatTheKubeletGaveToNoPodIsRefused) {
  pod_with_lanes("ml/a", "a", {0});
  EXPECT_THAT(start_container("token-999"), FailsWith(Code::busy, "'token-999'"));
  EXPECT_FALSE(has_file("token-999"));
}

TEST_F(TokensTest, AKubeletThatDoesNotAnswerIsAReasonToRefuse) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_TRUE(kubelet_.wait([&] {
    kubelet_.exhaust_pod_resources(1);
    return !start_container(token);
  }));
  EXPECT_FALSE(has_file(token));
}

TEST_F(TokensTest, ALaneWithoutRdmaHasNoDevices) {
  const std::string token = admit("ml/a", "a");
  grant("ml/a", "a", {0, 1});
  std::vector<Grant> grants = aside_.grants.peek().value();
  grants[0].vfs[0].char_devices.clear();
  ASSERT_THAT(aside_.grants.save(grants), IsOk());
  attach("a", {0, 1});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({1}));
}

TEST_F(TokensTest, ALaneThatIsLostIsWaitedFor) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  {
    LockedPort port = ledger_.lock(FakeMachine::kPort, std::chrono::seconds(5)).value();
    port.record().lanes[0].lost = Lost::link;
    ASSERT_THAT(port.save(), IsOk());
  }
  EXPECT_THAT(start_container(token), FailsWith(Code::busy, "is not attached"));
}

TEST_F(TokensTest, TheConfigurationLeavesLockedMemoryToTheRuntime) {
  configure(R"("shares": {"pods": {}})", R"(, "lockedMemory": "leave")");
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_THAT(file(token), Not(HasSubstr("hooks")));
}

TEST_F(TokensTest, ATokenIsGivenAgainAfterAllOthers) {
  std::set<std::string> given;
  for (int i = 0; i < 5; ++i) {
    const std::string token = admit("ml/a", "a");
    EXPECT_TRUE(given.insert(token).second) << token;
    kubelet_.remove("ml/a");
  }
}

TEST_F(TokensTest, AnAgentThatStartsAfterTheAllocateMakesTheDevice) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  restart();
  ASSERT_TRUE(is_offered());
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({0}));
}

TEST_F(TokensTest, AFileStaysWhileItsPodHasTheTokenAndGoesWithIt) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  dir_.write("cdi/sluice.dev-rdma_mine.json", "{}");
  step();
  EXPECT_TRUE(has_file(token));
  restart();
  EXPECT_TRUE(has_file(token));
  end("ml/a", token);
  step();
  EXPECT_FALSE(has_file(token));
  EXPECT_TRUE(dir_.has("cdi/sluice.dev-rdma_mine.json"));
}

// PodResources never lists it, and the checkpoint keeps it until the kubelet gives other devices.
TEST_F(TokensTest, AFileOfAnInitContainerGoesWithTheGrantOfItsPod) {
  ASSERT_THAT(kubelet_.allocate(kRdma, {{"token-7"}}), IsOk());
  keep("a", "token-7");
  grant("ml/a", "a", {3});
  attach("a", {3});
  ASSERT_THAT(start_container("token-7"), IsOk());
  step();
  EXPECT_TRUE(has_file("token-7"));
  detach("a", 3);
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  step();
  EXPECT_FALSE(has_file("token-7"));
}

TEST_F(TokensTest, AFileOfAPodThatEndedWhileNoAgentRanGoesWithTheNextStart) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  now_.reset();
  kubelet_.remove("ml/a");
  now_ = start();
  begin();
  EXPECT_FALSE(has_file(token));
}

// A kubelet that has just started lists no pods.
TEST_F(TokensTest, AFileStaysUntilTheKubeletHasSaidWhoHasWhat) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  ASSERT_THAT(start_container(token), IsOk());
  now_.reset();
  kubelet_.restart_without_pods();
  const int before = kubelet_.times_listed();
  now_ = start();
  ASSERT_TRUE(kubelet_.wait([&] {
    now_->allocated->notice();
    return kubelet_.times_listed() >= before + 2;  // What the first one said is taken in.
  }));
  step();
  EXPECT_TRUE(has_file(token));
}

TEST_F(TokensTest, AreOfferedWhileAPodCanHaveLanes) {
  grant("ml/a", "a", {0});
  configure(R"("shares": {"classes": {}})");
  step();
  EXPECT_TRUE(is_offered());
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  step();
  EXPECT_TRUE(kubelet_.wait([&] { return kubelet_.healthy(kRdma).empty(); }));
  configure(R"("shares": {"pods": {}})");
  step();
  EXPECT_TRUE(is_offered());
}

// Calls reach whichever instance the kubelet knows.
TEST_F(TokensTest, AnInstanceThatHandedOverHasTheOtherOneAnswer) {
  const std::string token = pod_with_lanes("ml/a", "a", {0});
  const std::unique_ptr<Instance> first = std::move(now_);
  first->plugin->hand_over();
  now_ = start();
  begin();
  ASSERT_THAT(start_container(token), IsOk());
  EXPECT_EQ(nodes(token), nodes_of({0}));
  admit_with("ml/b", "b", token);
  EXPECT_FALSE(has_file(token));
  EXPECT_FALSE(now_->allocated->unless_held({kRdma, token}, [] {}));
}

}  // namespace
}  // namespace sluice
