// The status of claims from Prepare to Unprepare.
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

class ClaimStatusTest : public ClaimsWorld {
 protected:
  // As the CNI plugin does.
  void attach_lanes() {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    const Grant grant = grants().at(0);
    int number = 0;
    for (const GrantedVf& granted : grant.vfs) {
      LaneRecord lane;
      lane.id = granted.vf;
      lane.phase = Phase::attached;
      lane.owner = {.container_id = "c1",
                    .ifname = fmt::format("net{}", ++number),
                    .pod_uid = uid_of(kPodPath)};
      lane.link_index = number;
      locked.record().lanes.push_back(lane);
    }
    ASSERT_THAT(locked.save(), IsOk());
  }

  // Of the condition Ready of each device, in the claim's order.
  std::string statuses() const {
    std::string all;
    const auto claim = api_.object(kClaimPath);
    for (const auto& device : claim["status"].value("devices", nlohmann::json::array())) {
      all += (all.empty() ? "" : " ") + device["conditions"][0]["status"].get<std::string>();
    }
    return all;
  }
};

TEST_F(ClaimStatusTest, M3_TheStatusOfAClaimFollowsItsLanesUntilItIsUnprepared) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  step();
  ASSERT_TRUE(eventually([&] { return statuses() == "False False"; }));
  attach_lanes();
  step();
  ASSERT_TRUE(eventually([&] { return statuses() == "True True"; }));
  const auto entry = api_.object(kClaimPath)["status"]["devices"][1];
  EXPECT_EQ(entry["shareID"], "share-1");
  EXPECT_EQ(entry["networkData"]["interfaceName"], "net2");
  EXPECT_EQ(entry["data"]["floor"], "10G");
  EXPECT_EQ(unprepare(), "");
  EXPECT_TRUE(eventually([&] { return statuses().empty(); }));
}

TEST_F(ClaimStatusTest, M2_AClaimWhoseStatusIsRefusedIsPreparedAllTheSame) {
  api_.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (!request.path.ends_with("/status")) return std::nullopt;
    return FakeApiRefusal{422, "Invalid", "changing status.devices requires associated-node:patch"};
  });
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  step();
  EXPECT_TRUE(eventually([&] {
    return metrics_.text().find(R"(sluice_claim_status_writes_total{result="refused"} 1)") !=
           std::string::npos;
  }));
  EXPECT_EQ(prepare().error(), "");
}

}  // namespace
}  // namespace sluice
