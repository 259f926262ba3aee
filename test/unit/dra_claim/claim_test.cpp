#include "dra/claim/claim.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice::dra {
namespace {

Result<Claim> read(const ClaimObject& object) {
  return read_claim(object.text(), kDriver);
}

class InEachVersion : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Api, InEachVersion, testing::Values("v1", "v1beta2", "v1beta1"));

TEST_P(InEachVersion, AClaimIsReadWhole) {
  ClaimObject object;
  object.json()["apiVersion"] = "resource.k8s.io/" + GetParam();
  object.share("vf0/large", "58593750Ki");
  object.config({{"mtu", 9000}}, {"vf0"}, "FromClass");

  ASSERT_OK_AND_ASSIGN(const Claim claim, read(object));

  EXPECT_EQ(claim.ref, (ClaimRef{.uid = "uid-1", .ns = "ml", .name = "train"}));
  EXPECT_EQ(claim.reserved_for,
            (std::vector<Consumer>{{.resource = "pods", .name = "trainer", .uid = "pod-1"}}));
  ASSERT_TRUE(claim.allocation);
  EXPECT_EQ(claim.allocation->devices,
            (std::vector<AllocatedDevice>{{.request = "vf0/large",
                                           .pool = "node-a",
                                           .device = "pf-0000-3b-00-0",
                                           .share_id = "share-0",
                                           .bandwidth = BitRate::gbps(60),
                                           .vfs = 1}}));
  EXPECT_EQ(
      claim.allocation->configs,
      (std::vector<OpaqueConfig>{
          {.source = OpaqueConfig::Source::device_class,
           .requests = {"vf0"},
           .parameters = R"({"apiVersion":"sluice.dev/v1alpha1","kind":"LaneConfig","mtu":9000})",
           .at = "/status/allocation/devices/config/0/opaque/parameters"}}));
}

TEST(ReadClaim, AWholeDeviceHasNoShareAndNoCapacity) {
  ClaimObject object;
  nlohmann::json& result = object.share("vf0");
  result.erase("shareID");
  result.erase("consumedCapacity");

  ASSERT_OK_AND_ASSIGN(const Claim claim, read(object));

  const AllocatedDevice& device = claim.allocation->devices.at(0);
  EXPECT_EQ(device.share_id, "");
  EXPECT_EQ(device.bandwidth, std::nullopt);
  EXPECT_EQ(device.vfs, std::nullopt);
}

TEST(ReadClaim, E3_OneThatIsNotAllocatedSaysSo) {
  ClaimObject object;
  object.json()["status"].erase("allocation");
  EXPECT_EQ(read(object).value().allocation, std::nullopt);
  object.json().erase("status");
  EXPECT_EQ(read(object).value().allocation, std::nullopt);
}

TEST(ReadClaim, P6_LeavesOutWhatOtherDriversHaveHoweverItLooks) {
  ClaimObject object;
  object.results() = nlohmann::json::parse(R"([
    {"driver": "gpu.example.com", "request": 7, "consumedCapacity": "much"}, 3, {"driver": null}])");
  object.configs() = nlohmann::json::parse(R"([
    {"source": "FromNowhere", "opaque": {"driver": "gpu.example.com", "parameters": [1]}},
    "odd", {"opaque": 4}])");
  object.share("vf0");

  ASSERT_OK_AND_ASSIGN(const Claim claim, read(object));

  EXPECT_EQ(claim.allocation->devices.size(), 1U);
  EXPECT_TRUE(claim.allocation->configs.empty());
}

TEST(ReadClaim, P14_KnowsAdminAccess) {
  ClaimObject object;
  object.share("vf0")["adminAccess"] = true;
  EXPECT_TRUE(read(object).value().allocation->devices.at(0).admin_access);
}

TEST(ReadClaim, NamesTheClaimAndThePlaceOfAllThatIsWrong) {
  ClaimObject object;
  nlohmann::json& result = object.share("vf0", "lots");
  result["pool"] = 3;
  object.config({})["source"] = "FromAbove";

  const Result<Claim> claim = read(object);

  ASSERT_THAT(claim, FailsWith(Code::invalid_argument, "claim 'ml/train': /status/allocation/"));
  const std::string& text = claim.error().message();
  EXPECT_THAT(text, testing::HasSubstr("/devices/results/0/pool: want a string; "));
  EXPECT_THAT(text, testing::HasSubstr("/devices/results/0/consumedCapacity/bandwidth: quantity"));
  EXPECT_THAT(text, testing::HasSubstr("/devices/config/0/source: want FromClass or FromClaim"));
}

TEST(ReadClaim, RefusesWhatIsNoClaim) {
  struct Case {
    const char* text;
    const char* why;
  };
  for (const Case& tested :
       {Case{"{", "ResourceClaim: not JSON at line 1"}, Case{"[]", "ResourceClaim: want an object"},
        Case{"null", "ResourceClaim: want an object"},
        Case{R"({"apiVersion": "resource.k8s.io/v1alpha3", "kind": "ResourceClaim"})",
             "/apiVersion: want resource.k8s.io/v1, v1beta2 or v1beta1"},
        Case{R"({"apiVersion": "resource.k8s.io/v1", "kind": "Pod"})", "/kind: want Resource"},
        Case{R"({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim"})",
             "/metadata: want an object"}}) {
    EXPECT_THAT(read_claim(tested.text, kDriver), FailsWith(Code::invalid_argument, tested.why))
        << tested.text;
  }
}

TEST(ReadClaim, SeesAMemberThatOwnParametersHaveTwice) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"mtu", 1500}});
  std::string text = object.text();
  text.replace(text.find("\"mtu\":1500"), 10, "\"mtu\":1500,\"mtu\":9000");
  EXPECT_THAT(
      read_claim(text, kDriver),
      FailsWith(Code::invalid_argument,
                "/status/allocation/devices/config/0/opaque/parameters/mtu: is there twice"));
}

TEST(PodOf, IsTheOneThatTheClaimIsReservedFor) {
  ClaimObject object;
  EXPECT_EQ(pod_of(read(object).value()).value().uid, "pod-1");
}

TEST(PodOf, RefusesAClaimOfNoneOrSeveralOrOfSomethingElse) {
  ClaimObject object;
  nlohmann::json& reserved = object.json()["status"]["reservedFor"];
  reserved[0]["resource"] = "jobs";
  EXPECT_THAT(pod_of(read(object).value()),
              FailsWith(Code::invalid_argument, "for 'trainer' of 'jobs', not for a pod"));
  reserved.push_back({{"resource", "pods"}, {"name", "second"}, {"uid", "pod-2"}});
  EXPECT_THAT(pod_of(read(object).value()),
              FailsWith(Code::invalid_argument, "claim 'ml/train' is reserved for 2 pods"));
  reserved.clear();
  EXPECT_THAT(pod_of(read(object).value()), FailsWith(Code::invalid_argument, "for 0 pods"));
}

TEST(CheckUid, E2_RefusesAClaimThatReplacedTheOneAskedFor) {
  const Claim claim = read(ClaimObject()).value();
  EXPECT_THAT(check_uid(claim, claim.ref), IsOk());
  EXPECT_THAT(check_uid(claim, {.uid = "uid-0", .ns = "ml", .name = "train"}),
              FailsWith(Code::invalid_argument,
                        "claim 'ml/train' of UID uid-0 was replaced by one of UID uid-1"));
}

TEST(MainRequest, IsWhatContainersCallIt) {
  EXPECT_EQ(main_request("vf0/large"), "vf0");
  EXPECT_EQ(main_request("vf0"), "vf0");
}

}  // namespace
}  // namespace sluice::dra
