// Classes that claims serve, from the configuration to the grant.
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// The claim that the scheduler makes of `limits: {sluice.dev/gold: 1}`, and what it writes into
/// the status of the pod.
class ExtendedResourceTest : public ClaimsWorld {
 protected:
  ExtendedResourceTest() {
    dir_.write("config.json", R"({
        "ports": [{"select": {}, "vfs": 4, "shares": {"claims": {"bandwidth": "40%"}}}],
        "classes": [{"name": "gold", "floor": "10G", "ceiling": "20G", "max": 2, "by": "claims"}]})");
    EXPECT_THAT(config_.load(), IsOk());
    api_.put(kPodPath, nlohmann::json::parse(R"({
        "metadata": {"name": "trainer"},
        "spec": {"containers": [{"name": "main", "resources": {"limits": {"sluice.dev/gold": "1"}}}]},
        "status": {"extendedResourceClaimStatus": {
          "resourceClaimName": "train",
          "requestMappings": [{"containerName": "main", "resourceName": "sluice.dev/gold",
                               "requestName": "container-0-request-0"}]}}})"));
    dra::ClaimObject claim;
    claim.json()["metadata"]["annotations"] = {
        {"resource.kubernetes.io/extended-resource-claim", "true"}};
    claim.json()["status"]["reservedFor"][0]["uid"] = uid_of(kPodPath);
    claim.results() = nlohmann::json::array({{{"request", "container-0-request-0"},
                                              {"driver", "sluice.dev"},
                                              {"pool", "n"},
                                              {"device", "vf-0000-3b-02-0-gold"}}});
    claim.config({{"mtu", 9000}}, {}, "FromClass");
    api_.put(kClaimPath, claim.json());
    ref_.uid = uid_of(kClaimPath);
  }
};

TEST_F(ExtendedResourceTest, P12_TheClaimIsPreparedLikeAnyOther) {
  const auto answer = prepare();
  EXPECT_EQ(answer.error(), "");
  ASSERT_THAT(answer.devices(), SizeIs(1));
  EXPECT_EQ(answer.devices(0).device_name(), "vf-0000-3b-02-0-gold");
  EXPECT_THAT(answer.devices(0).request_names(), ElementsAre("container-0-request-0"));
  EXPECT_THAT(dir_.read("cdi/sluice.dev-claim_" + ref_.uid + ".json"),
              HasSubstr("\"PCIDEVICE_SLUICE_DEV_GOLD=0000:3b:02.0\""));
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_EQ(grants()[0].vfs[0].rate, (Rate{BitRate::gbps(10), BitRate::gbps(20)}));
  EXPECT_EQ(grants()[0].vfs[0].mtu, 9000);
  // The resource among its limits is the claim, and no class of the device plugin.
  EXPECT_FALSE(grants()[0].has_others);
}

TEST_F(ExtendedResourceTest, ThePortAndItsVfsOfClassesArePublishedApart) {
  socket();
  const auto slices = [&] { return api_.list("/apis/resource.k8s.io/v1/resourceslices"); };
  ASSERT_TRUE(eventually([&] { return slices().size() == 2; }));
  EXPECT_EQ(slices()[0]["spec"]["sharedCounters"][1]["counters"]["bandwidth"]["value"], "20G");
  const auto devices = slices()[1]["spec"]["devices"];
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0]["name"], "port-0000-3b-00-0");
  EXPECT_EQ(devices[0]["capacity"]["bandwidth"]["value"], "20G");
  EXPECT_EQ(devices[0]["capacity"]["vfs"]["value"], "2");
  EXPECT_EQ(devices[1]["name"], "vf-0000-3b-02-0-gold");
}

// Kubernetes 1.34 and 1.35.
TEST_F(ExtendedResourceTest, S6_AServerThatDropsFieldsIsToldOfVfsOfClasses) {
  api_.admit_with(slice_admission(
      {.consumable_capacity = false, .device_taints = false, .partitionable_devices = false}));
  socket();
  const auto slices = [&] { return api_.list("/apis/resource.k8s.io/v1/resourceslices"); };
  ASSERT_TRUE(eventually([&] { return !slices().empty(); }));
  const auto devices = slices()[0]["spec"]["devices"];
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0]["name"], "vf-0000-3b-02-0-gold");
  EXPECT_EQ(devices[1]["name"], "vf-0000-3b-02-1-gold");
  EXPECT_EQ(devices[0].count("consumesCounters"), 0U);
  EXPECT_EQ(prepare().error(), "");
}

}  // namespace
}  // namespace sluice
