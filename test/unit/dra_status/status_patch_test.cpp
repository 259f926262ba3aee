#include "dra/status/status_patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/json/document.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"
#include "test/unit/dra_claim/claim_object.h"
#include "test/unit/dra_status/lane_world.h"

namespace sluice::dra {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using Kind = StatusStep::Kind;
using Time = std::chrono::system_clock::time_point;

const Time kNow{std::chrono::seconds(1'790'000'000)};  // 2026-09-21T14:13:20Z
const Time kLater = kNow + std::chrono::hours(1);

class StatusPatch : public testing::Test {
 protected:
  StatusPatch() {
    claim.share("vf0");
    claim.share("vf1/large");
    wanted = {.ref = {.uid = "uid-1", .ns = "ml", .name = "train"},
              .devices = {attached("vf0"), prepared("vf1/large")}};
  }

  StatusStep step(Time now = kNow) const {
    Result<StatusStep> step = status_step(wanted, claim.text(), kDriver, now);
    EXPECT_THAT(step, IsOk());
    return step.value_or(StatusStep());
  }

  json patch(Time now = kNow) const { return parse_document(step(now).patch); }

  json entries(Time now = kNow) const { return patch(now)["status"]["devices"]; }

  json& standing() { return claim.json()["status"]["devices"]; }

  /// The server has what was applied.
  void be_written() { standing() = entries(); }

  ClaimObject claim;
  ClaimStatus wanted;
};

TEST_F(StatusPatch, M3_SaysInterfaceAddressesAndRates) {
  EXPECT_EQ(step().kind, Kind::apply);
  EXPECT_JSON_EQ_GOLDEN(step().patch, "claim_status.json");
}

TEST_F(StatusPatch, OfAClaimThatIsPreparedNoMoreHasNoEntries) {
  be_written();
  wanted.devices.clear();
  EXPECT_EQ(step().kind, Kind::apply);
  EXPECT_JSON_EQ_GOLDEN(step().patch, "claim_status_removed.json");
  standing() = json::array();
  EXPECT_EQ(step().kind, Kind::none);
}

TEST_F(StatusPatch, IsNotNeededWhereTheStatusSaysSoInAnotherOrderAndBesideOthers) {
  be_written();
  std::reverse(standing().begin(), standing().end());
  std::reverse(standing()[0]["conditions"].begin(), standing()[0]["conditions"].end());
  standing()[0]["conditions"].push_back({{"type", "Theirs"}, {"status", "True"}});
  standing().push_back({{"driver", "gpu.example.com"}, {"pool", "node-a"}, {"device", "gpu-0"}});
  EXPECT_EQ(step(kLater).kind, Kind::none);
}

TEST_F(StatusPatch, IsNeededForEachThingThatDiffers) {
  const std::vector<std::function<void(DeviceStatus&)>> changes = {
      [](DeviceStatus& device) { device.interface = "net2"; },
      [](DeviceStatus& device) { device.hardware_address = "60:00:00:00:00:e2"; },
      [](DeviceStatus& device) { device.addresses.pop_back(); },
      [](DeviceStatus& device) { device.vf = "0000:3b:02.1"; },
      [](DeviceStatus& device) { device.rate.ceiling = BitRate::gbps(50); },
      [](DeviceStatus& device) { device.rdma_device.clear(); },
      [](DeviceStatus& device) { device.ready.message = "otherwise"; },
      [](DeviceStatus& device) { device.bandwidth_enforced.reason = "Otherwise"; }};
  be_written();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const ClaimStatus before = wanted;
    changes[i](wanted.devices[0]);
    EXPECT_EQ(step().kind, Kind::apply) << i;
    wanted = before;
  }
  EXPECT_EQ(step().kind, Kind::none);
}

TEST_F(StatusPatch, ATransitionHasItsTimeAndAnotherReasonHasNot) {
  be_written();
  wanted.devices[0].ready.reason = "Otherwise";
  wanted.devices[0].bandwidth_enforced.status = Condition::Status::no;
  const json conditions = entries(kLater)[0]["conditions"];
  EXPECT_EQ(conditions[0]["reason"], "Otherwise");
  EXPECT_EQ(conditions[0]["lastTransitionTime"], "2026-09-21T14:13:20Z");
  EXPECT_EQ(conditions[1]["lastTransitionTime"], "2026-09-21T15:13:20Z");
}

TEST_F(StatusPatch, ObservesTheGenerationOfAClaimThatHasOne) {
  EXPECT_FALSE(entries()[0]["conditions"][0].contains("observedGeneration"));
  claim.json()["metadata"]["generation"] = 3;
  EXPECT_EQ(entries()[0]["conditions"][0]["observedGeneration"], 3);
  be_written();
  EXPECT_EQ(step(kLater).kind, Kind::none);
}

TEST_F(StatusPatch, AnEntryOfOursThatNoLaneHasIsAReasonToApply) {
  be_written();
  standing().push_back({{"driver", kDriver}, {"pool", "node-a"}, {"device", "old"}});
  EXPECT_EQ(step().kind, Kind::apply);
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(StatusPatch, OfAWholeDeviceHasNoShare) {
  claim.results()[0].erase("shareID");
  EXPECT_FALSE(entries()[0].contains("shareID"));
  be_written();
  EXPECT_EQ(step().kind, Kind::none);
}

TEST_F(StatusPatch, LeavesOutDevicesOfAdminAccessAndOfOthers) {
  claim.results().insert(claim.results().begin(), {{"request", "look"},
                                                   {"driver", kDriver},
                                                   {"pool", "node-a"},
                                                   {"device", "port-0"},
                                                   {"adminAccess", true}});
  claim.results().insert(
      claim.results().begin(),
      {{"request", "gpu"}, {"driver", "gpu.example.com"}, {"pool", "node-a"}, {"device", "gpu-0"}});
  ASSERT_EQ(entries().size(), 2u);
  EXPECT_EQ(entries()[0]["shareID"], "share-0");
}

TEST_F(StatusPatch, IsNotForAnotherClaimOfTheName) {
  claim.json()["metadata"]["uid"] = "uid-2";
  EXPECT_EQ(step().kind, Kind::gone);
}

TEST_F(StatusPatch, IsNotForAClaimThatIsNotAllocatedOrWasAllocatedSomethingElse) {
  claim.results()[1]["request"] = "vf1/small";
  EXPECT_EQ(step().kind, Kind::gone);
  claim.results().erase(1);
  EXPECT_EQ(step().kind, Kind::gone);
  claim.json()["status"].erase("allocation");
  EXPECT_EQ(step().kind, Kind::gone);
}

TEST_F(StatusPatch, KeepsToTheLimitsOfTheServer) {
  std::vector<std::string>& addresses = wanted.devices[0].addresses;
  addresses.assign(2, "10.0.0.1/24");
  for (int i = 2; i < 20; ++i) addresses.push_back(fmt::format("10.0.0.{}/24", i));
  const json ips = entries()[0]["networkData"]["ips"];
  ASSERT_EQ(ips.size(), 16u);
  EXPECT_EQ(ips[15], "10.0.0.16/24");
  be_written();
  EXPECT_EQ(step().kind, Kind::none);
}

TEST_F(StatusPatch, ANameThatIsNotUtf8IsReplaced) {
  wanted.devices[0].rdma_device = "rxe\xff";
  EXPECT_THAT(step().patch, HasSubstr("rxe\xef\xbf\xbd"));
}

TEST_F(StatusPatch, OfWhatIsNoClaimFails) {
  EXPECT_THAT(status_step(wanted, "{}", kDriver, kNow), FailsWith(Code::invalid_argument, ""));
}

}  // namespace
}  // namespace sluice::dra
