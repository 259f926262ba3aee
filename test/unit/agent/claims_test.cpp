// The front end "claims" between an API server and a kubelet.
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using ClaimsTest = ClaimsWorld;

TEST_F(ClaimsTest, ThePortIsPublishedWithTheShareOfClaims) {
  socket();
  ASSERT_TRUE(
      eventually([&] { return !api_.list("/apis/resource.k8s.io/v1/resourceslices").empty(); }));
  const auto slices = api_.list("/apis/resource.k8s.io/v1/resourceslices");
  const auto& device = slices[0]["spec"]["devices"][0];
  EXPECT_EQ(device["name"], "port-0000-3b-00-0");
  EXPECT_EQ(device["capacity"]["bandwidth"]["value"], "40G");
  EXPECT_EQ(slices[0]["metadata"]["ownerReferences"][0]["uid"], uid_of("/api/v1/nodes/n"));
}

TEST_F(ClaimsTest, P1_APreparedClaimHasAGrantACdiFileAndItsDevices) {
  put_claim();
  const auto answer = prepare();
  EXPECT_EQ(answer.error(), "");
  ASSERT_THAT(answer.devices(), SizeIs(2));
  EXPECT_EQ(answer.devices(0).pool_name(), "n");
  EXPECT_EQ(answer.devices(0).device_name(), "port-0000-3b-00-0");
  EXPECT_THAT(answer.devices(0).request_names(), ElementsAre("vf0"));
  EXPECT_THAT(answer.devices(0).cdi_device_ids(),
              ElementsAre("sluice.dev/claim=" + ref_.uid + "-vf0-0"));
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_EQ(grants()[0].pod_uid, uid_of(kPodPath));
  EXPECT_FALSE(grants()[0].has_others);
  EXPECT_EQ(grants()[0].vfs[1].rate.floor, BitRate::gbps(10));
  EXPECT_TRUE(dir_.has("cdi/sluice.dev-claim_" + ref_.uid + ".json"));
  EXPECT_THAT(*claims_->given_vfs(*config_.current()), ElementsAre("0000:3b:02.0", "0000:3b:02.1"));
  ASSERT_OK_AND_ASSIGN(
      const auto lanes,
      claims_->lanes_of({.name_space = "ml", .name = "trainer", .uid = uid_of(kPodPath)}));
  EXPECT_THAT(lanes, SizeIs(2));
}

TEST_F(ClaimsTest, U1_AnUnpreparedClaimLeavesNothing) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  api_.erase(kClaimPath);
  EXPECT_EQ(unprepare(), "");
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_FALSE(dir_.has("cdi/sluice.dev-claim_" + ref_.uid + ".json"));
  EXPECT_EQ(unprepare(), "");
}

TEST_F(ClaimsTest, J1_MoreThanTheShareIsRefusedWithBothNumbers) {
  put_claim("30G");
  EXPECT_THAT(prepare().error(), HasSubstr("10 Gbit/s of 40 Gbit/s free, 30 Gbit/s asked"));
  EXPECT_THAT(grants(), IsEmpty());
}

// Those lanes are granted when the CNI plugin asks, which it must then.
TEST_F(ClaimsTest, APodThatAsksByAnnotationIsSaidToHaveMore) {
  put_claim();
  nlohmann::json pod = api_.object(kPodPath);
  pod["metadata"]["annotations"]["rdma_interfaces_required"] = "[{}]";
  api_.put(kPodPath, pod);
  ASSERT_EQ(prepare().error(), "");
  EXPECT_TRUE(grants()[0].has_others);
}

TEST_F(ClaimsTest, APodWithClassesIsSaidToHaveMore) {
  put_claim();
  put_pod(nlohmann::json::parse(
      R"({"containers": [{}, {"resources": {"limits": {"sluice.dev/gold": "1"}}}]})"));
  ASSERT_EQ(prepare().error(), "");
  EXPECT_TRUE(grants()[0].has_others);
}

TEST_F(ClaimsTest, AClaimOfAnEarlierPodOfTheSameNameIsRefused) {
  put_claim();
  api_.erase(kPodPath);
  put_pod();
  EXPECT_THAT(prepare().error(), HasSubstr("pod 'trainer' was replaced"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, E1_AClaimThatIsGoneIsAnErrorOfItsOwn) {
  EXPECT_THAT(prepare().error(), HasSubstr("train"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsTest, NothingIsServedWhereNoPortHasAShareForClaims) {
  dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4}], "classes": []})");
  ASSERT_THAT(config_.load(), IsOk());
  for (int i = 0; i < 5; ++i) step();
  EXPECT_THAT(sockets(), IsEmpty());
}

}  // namespace
}  // namespace sluice
