// Claims of pods on the host's network: no CNI plugin comes for them, so Prepare makes the lanes.
#include <cerrno>

#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Rate kRate{BitRate::gbps(10), BitRate::gbps(20)};

class HostClaimsTest : public ClaimsWorld {
 protected:
  HostClaimsTest() {
    put_host_pod();
    put_claim("10G", {{"ceiling", "20G"}});
  }

  /// Another pod of its own takes the place of the first one in the claim.
  void put_next_pod(bool on_host_network) {
    api_.put(
        "/api/v1/namespaces/ml/pods/next",
        {{"metadata", {{"name", "next"}}},
         {"spec", {{"containers", nlohmann::json::array()}, {"hostNetwork", on_host_network}}}});
    nlohmann::json claim = api_.object(kClaimPath);
    claim["status"]["reservedFor"][0]["name"] = "next";
    claim["status"]["reservedFor"][0]["uid"] = uid_of("/api/v1/namespaces/ml/pods/next");
    api_.put(kClaimPath, claim);
  }
};

TEST_F(HostClaimsTest, N8_RateAndSettingsAreInForceWhenPrepareAnswers) {
  put_claim("10G", {{"ceiling", "20G"}, {"vlan", 7}});
  const auto answer = prepare();
  EXPECT_EQ(answer.error(), "");
  EXPECT_THAT(answer.devices(), SizeIs(2));
  ASSERT_THAT(recorded(), SizeIs(2));
  for (int vf : {0, 1}) {
    EXPECT_EQ(rate(vf), kRate);
    EXPECT_EQ(machine_.port().vf(vf).info.vlan, VlanTag{.id = 7});
    const LaneRecord lane = recorded()[static_cast<std::size_t>(vf)];
    EXPECT_TRUE(lane.is_in_place());
    EXPECT_EQ(lane.phase, Phase::attached);
    EXPECT_EQ(lane.asked, kRate);
    EXPECT_EQ(lane.owner.pod, "ml/trainer");
    EXPECT_EQ(lane.owner.pod_uid, uid_of(kPodPath));
  }
  EXPECT_TRUE(has_cdi_file());
  const std::string link = machine_.node().link_of(FakeMachine::vf(0).to_string())->link.name;
  EXPECT_THAT(dir_.read("cdi/sluice.dev-claim_" + ref_.uid + ".json"),
              HasSubstr(R"(\"interface\":\")" + link));
}

TEST_F(HostClaimsTest, U1_UnprepareTakesTheLanesBack) {
  ASSERT_EQ(prepare().error(), "");
  api_.erase(kClaimPath);
  EXPECT_EQ(unprepare(), "");
  expect_nothing_left();
  EXPECT_EQ(unprepare(), "");
}

TEST_F(HostClaimsTest, P4_TheNextPrepareWritesNothing) {
  ASSERT_EQ(prepare().error(), "");
  const std::vector<LaneRecord> lanes = recorded();
  std::filesystem::remove_all(dir_ / "cdi");
  const int writes = machine_.requests();
  ASSERT_EQ(prepare().error(), "");
  EXPECT_EQ(machine_.requests(), writes);
  EXPECT_EQ(recorded(), lanes);
  EXPECT_TRUE(has_cdi_file());
}

TEST_F(HostClaimsTest, AnAgentThatStartsAgainKnowsTheLanes) {
  ASSERT_EQ(prepare().error(), "");
  start();
  const int writes = machine_.requests();
  ASSERT_EQ(prepare().error(), "");
  EXPECT_EQ(machine_.requests(), writes);
  start();
  EXPECT_EQ(unprepare(), "");
  expect_nothing_left();
}

TEST_F(HostClaimsTest, APodThatWentWhileTheAgentWasDownLeavesNothing) {
  ASSERT_EQ(prepare().error(), "");
  claims_.reset();
  api_.erase(kPodPath);
  api_.erase(kClaimPath);
  start();
  EXPECT_EQ(unprepare(), "");
  expect_nothing_left();
}

TEST_F(HostClaimsTest, LanesAreTakenBackWithoutTheirGrant) {
  ASSERT_EQ(prepare().error(), "");
  dir_.write("lib/grants.json", "{");
  ASSERT_THAT(aside_.grants.load(), FailsWith(Code::data_loss, ""));
  EXPECT_EQ(unprepare(), "");
  expect_nothing_left();
}

TEST_F(HostClaimsTest, AfterARebootTheLanesAreMadeAgain) {
  ASSERT_EQ(prepare().error(), "");
  const std::vector<Grant> granted = grants();
  ASSERT_EQ(machine_.port().set_vfs(0), 0);
  ASSERT_EQ(machine_.port().set_vfs(4), 0);
  boot_ = "boot-2";
  std::filesystem::remove_all(dir_ / "cdi");
  start();
  EXPECT_THAT(recorded(), IsEmpty());
  ASSERT_EQ(prepare().error(), "");
  EXPECT_EQ(grants(), granted);
  EXPECT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(rate(0), kRate);
}

TEST_F(HostClaimsTest, E15_ALaneThatFailsLeavesNothingOfTheOthers) {
  // The first is of the first lane; all after it fail.
  for (int i = 0; i < 10; ++i) {
    machine_.kernel().log().fail_on("rate=10000", Error::from_errno(EOPNOTSUPP, "set VF"), 2);
  }
  EXPECT_THAT(prepare().error(), HasSubstr("EOPNOTSUPP"));
  expect_nothing_left();
  machine_.kernel().log().forget_faults();
  EXPECT_EQ(prepare().error(), "");
  EXPECT_EQ(rate(1), kRate);
}

class HostClaimsOnADriver : public HostClaimsTest, public testing::WithParamInterface<int> {};

TEST_P(HostClaimsOnADriver, E13_ARateThatIsRefusedFailsPrepareByItsErrnoAndLeavesNothing) {
  const Error refusal = Error::from_errno(GetParam(), "set VF");
  for (int i = 0; i < 20; ++i) machine_.kernel().log().fail_on("rate=10000", refusal, 2);
  EXPECT_THAT(prepare().error(), HasSubstr(refusal.message()));
  expect_nothing_left();
  machine_.kernel().log().forget_faults();
  EXPECT_EQ(prepare().error(), "") << "the kubelet tries again";
}

INSTANTIATE_TEST_SUITE_P(Says, HostClaimsOnADriver, testing::Values(EINVAL, EOPNOTSUPP, EBUSY),
                         [](const testing::TestParamInfo<int>& what) {
                           return std::string(::strerrorname_np(what.param));
                         });

/// Its driver may acknowledge a rate and do nothing.
class HostClaimsOnQede : public ClaimsWorld {
 protected:
  HostClaimsOnQede() : ClaimsWorld("qede") {
    put_host_pod();
    put_claim("2G", {{"ceiling", "4G"}});
  }
};

TEST_F(HostClaimsOnQede, E13_ARateThatReadsBackOtherwiseFailsPrepareAndIsUndone) {
  machine_.kernel().log().before("vfs ", [this] {
    machine_.port().vf(0).info.rate = Rate{.floor = {}, .ceiling = BitRate::gbps(1)};
  });
  EXPECT_THAT(prepare().error(),
              HasSubstr("driver qede acknowledged a rate that is not in force: VF 0"));
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_FALSE(has_cdi_file());
  EXPECT_EQ(prepare().error(), "");
  EXPECT_EQ(rate(0).ceiling, BitRate::gbps(4));
}

TEST_F(HostClaimsTest, WhatWouldChangeALinkOfTheHostIsRefused) {
  for (const auto& [member, value] : std::map<std::string, nlohmann::json>{
           {"interface", "rdma0"}, {"mtu", 9000}, {"mac", "60:00:00:00:00:e1"}, {"network", "a"}}) {
    ref_ = put_claim_named("train", 1, "10G", kPodPath, {{member, value}});
    EXPECT_THAT(prepare().error(), HasSubstr("not with \"" + member + "\""));
  }
  expect_nothing_left();
}

TEST_F(HostClaimsTest, APodOfItsOwnNetworkIsRefusedWhileTheHostsPodRuns) {
  ASSERT_EQ(prepare().error(), "");
  process_of(uid_of(kPodPath));
  const std::vector<Grant> granted = grants();
  put_next_pod(false);
  EXPECT_THAT(
      prepare().error(),
      HasSubstr("pod 'ml/trainer' has the claim's lanes on the host's network and still runs"));
  EXPECT_EQ(grants(), granted);
  EXPECT_THAT(recorded(), SizeIs(2));
}

TEST_F(HostClaimsTest, OnceItHasEndedTheClaimIsTheNextPods) {
  ASSERT_EQ(prepare().error(), "");
  put_next_pod(false);
  ASSERT_EQ(prepare().error(), "");
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(rate(0), Rate());
  EXPECT_EQ(grants()[0].pod_uid, uid_of("/api/v1/namespaces/ml/pods/next"));
}

TEST_F(HostClaimsTest, TheNextPodOnTheHostHasLanesOfItsOwn) {
  ASSERT_EQ(prepare().error(), "");
  put_next_pod(true);
  ASSERT_EQ(prepare().error(), "");
  ASSERT_THAT(recorded(), SizeIs(2));
  EXPECT_EQ(recorded()[0].owner.pod, "ml/next");
}

TEST_F(HostClaimsTest, AClaimReservedForBothIsRefused) {
  nlohmann::json claim = api_.object(kClaimPath);
  claim["status"]["reservedFor"].push_back({{"resource", "pods"}, {"name", "next"}, {"uid", "u"}});
  api_.put(kClaimPath, claim);
  EXPECT_THAT(prepare().error(), HasSubstr("train"));
  expect_nothing_left();
}

TEST_F(HostClaimsTest, LanesOfAPodWithItsOwnNetworkAreLeftToTheCniPlugin) {
  put_pod();
  ASSERT_EQ(prepare().error(), "");
  EXPECT_THAT(recorded(), IsEmpty());
  EXPECT_EQ(rate(0), Rate());
}

}  // namespace
}  // namespace sluice
