// Pods that ask for lanes by annotation.
#include "pkg/base/quantity.h"
#include "test/unit/agent/pods_world.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using PodsTest = PodsWorld;

constexpr const char* kThree =
    R"([{"min_tx_rate": 15000, "max_tx_rate": 20000}, {"min_tx_rate": 5000}, {}])";

TEST_F(PodsTest, ThePapersExampleGetsItsThreeLanesInItsOrder) {
  put_papers_pod(kThree);
  ASSERT_OK_AND_ASSIGN(const std::vector<PodLane> lanes, lanes_of());
  ASSERT_THAT(grants(), SizeIs(1));
  const Grant grant = grants()[0];
  EXPECT_EQ(grant.kind, Grant::Kind::pod);
  EXPECT_EQ(grant.uid, id().uid);
  EXPECT_EQ(grant.pod_uid, id().uid);
  EXPECT_EQ(grant.name, "ml/trainer");
  EXPECT_FALSE(grant.has_others);
  EXPECT_THAT(grant.vfs,
              ElementsAre(Field(&GrantedVf::rate, Rate{BitRate::gbps(15), BitRate::gbps(20)}),
                          Field(&GrantedVf::rate, Rate{BitRate::gbps(5), {}}),
                          Field(&GrantedVf::rate, Rate())));
  ASSERT_THAT(lanes, SizeIs(3));
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    EXPECT_EQ(lanes[i].vf.to_string(), grant.vfs[i].vf);
    EXPECT_EQ(lanes[i].ifname, "");  // The CNI plugin's: net1, net2, …
    EXPECT_EQ(lanes[i].grant, "ml/trainer");
    EXPECT_THAT(grant.vfs[i].char_devices, testing::Not(IsEmpty()));
  }
}

TEST_F(PodsTest, InterfacesHaveThePapersNamesWhereTheConfigurationSaysSo) {
  configure(R"({"pods": {}})", R"(, "pods": {"interfaceNames": "eth"})");
  put_papers_pod("[{}, {}]");
  EXPECT_THAT(*lanes_of(),
              ElementsAre(Field(&PodLane::ifname, "eth%d"), Field(&PodLane::ifname, "eth%d")));
  put_pod({{"sluice.dev/lanes", R"([{}, {"interface": "rail0"}])"}}, "other");
  EXPECT_THAT(*lanes_of("other"),
              ElementsAre(Field(&PodLane::ifname, ""), Field(&PodLane::ifname, "rail0")));
}

TEST_F(PodsTest, ALaneHasAllThatItsAnnotationSays) {
  configure(R"({"pods": {}})", R"(, "networks": [{"name": "fabric", "mtu": 4000, "vlan": 7}])");
  put_pod({{"sluice.dev/lanes",
            R"([{"name": "train", "floor": "10G", "numaNode": 1, "mac": "02:00:00:00:00:07",
                 "network": "fabric", "trust": true, "rdma": false}])"}});
  ASSERT_THAT(lanes_of(), IsOk());
  const GrantedVf granted = grants().at(0).vfs.at(0);
  EXPECT_EQ(granted.port, kSecond);
  EXPECT_EQ(granted.request, "train");
  EXPECT_EQ(granted.settings.mac, MacAddress({2, 0, 0, 0, 0, 7}));
  EXPECT_EQ(granted.settings.trust, true);
  EXPECT_EQ(granted.settings.vlan, VlanTag{.id = 7});
  EXPECT_EQ(granted.network, "fabric");
  EXPECT_EQ(granted.mtu, 4000);
  EXPECT_THAT(granted.char_devices, IsEmpty());
}

TEST_F(PodsTest, ANetworkOfOnePortBringsTheLaneThere) {
  configure(R"({"pods": {}})",
            R"(, "networks": [{"name": "storage", "select": {"address": "0000:5e:00.0"}}])");
  put_pod({{"sluice.dev/lanes", R"([{"network": "storage"}, {"network": "storage"}])"}});
  ASSERT_THAT(lanes_of(), IsOk());
  for (const GrantedVf& granted : grants().at(0).vfs) {
    EXPECT_EQ(granted.port, kSecond);
    EXPECT_EQ(granted.network, "storage");
  }
  put_pod({{"sluice.dev/lanes", R"([{"network": "front"}])"}}, "other");
  EXPECT_THAT(lanes_of("other"), FailsWith(Code::unsupported, "no port has network 'front'"));
  EXPECT_TRUE(is_told("LanesRefused", "no port has network 'front'"));
}

TEST_F(PodsTest, APodThatIsAskedForAgainHasWhatItHad) {
  put_papers_pod(kThree);
  ASSERT_OK_AND_ASSIGN(const std::vector<PodLane> lanes, lanes_of());
  const std::vector<Grant> before = grants();
  const PodId pod = id();
  put_papers_pod("[{}]");  // Whatever it asks by now.
  start();
  api_.erase(kPodPath);
  EXPECT_EQ(*pods_->lanes_of(pod), lanes);
  EXPECT_EQ(grants(), before);
}

TEST_F(PodsTest, APodWithoutAnAnnotationHasNoLanes) {
  put_pod({});
  EXPECT_THAT(*lanes_of(), IsEmpty());
  put_pod({{"rdma_interfaces_required", ""}}, "empty");
  EXPECT_THAT(*lanes_of("empty"), IsEmpty());
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(PodsTest, AMalformedAnnotationIsAnEventThatNamesTheField) {
  put_papers_pod(R"([{}, {"min_tx_rate": -1}])");
  EXPECT_THAT(lanes_of(), FailsWith(Code::invalid_argument,
                                    "annotation 'rdma_interfaces_required': /1/min_tx_rate: want"));
  EXPECT_TRUE(is_told("LanesRefused", "annotation 'rdma_interfaces_required': /1/min_tx_rate"));
  const nlohmann::json event = events().at(0);
  EXPECT_EQ(event["regarding"]["name"], "trainer");
  EXPECT_EQ(event["regarding"]["uid"], id().uid);
  EXPECT_EQ(event["type"], "Warning");
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(PodsTest, WhatDoesNotFitIsRefusedWithItsLimitAndFitsLater) {
  put_papers_pod(R"([{"min_tx_rate": 30000}, {"min_tx_rate": 30000}])");
  ASSERT_THAT(lanes_of(), IsOk());
  put_papers_pod(R"([{"min_tx_rate": 20000}])", "second");
  EXPECT_THAT(lanes_of("second"), FailsWith(Code::exhausted, "pod 'ml/second': "));
  EXPECT_TRUE(is_told("LanesNotAvailable", "20 Gbit/s asked"));
  EXPECT_THAT(grants(), SizeIs(1));
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  EXPECT_THAT(lanes_of("second"), IsOk());
}

TEST_F(PodsTest, ThePodStartsOnlyOnceTheApiServerAnswers) {
  put_papers_pod("[{}]");
  const PodId pod = id();
  api_.fail_next({.status = 403, .reason = "Forbidden", .path = "/pods/trainer"});
  EXPECT_THAT(pods_->lanes_of(pod), FailsWith(Code::busy, "403"));
  api_.erase(kPodPath);
  EXPECT_THAT(pods_->lanes_of(pod), FailsWith(Code::busy, "\"trainer\" not found"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(PodsTest, WithoutAccessToTheApiServerNoPodIsLetPass) {
  kubernetes_ = std::make_unique<NoKubernetes>();
  start();
  step();
  EXPECT_FALSE(probes_->is_ready());
  EXPECT_THAT(pods_->lanes_of({.name_space = "ml", .name = "trainer", .uid = "u"}),
              FailsWith(Code::busy, "no access to the API server"));
}

TEST_F(PodsTest, AnotherPodOfTheNameGetsNothingForTheOneAsked) {
  put_papers_pod("[{}]");
  PodId pod = id();
  pod.uid = "the-one-before";
  EXPECT_THAT(pods_->lanes_of(pod), FailsWith(Code::busy, "not 'the-one-before'"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(PodsTest, AStaticPodIsKnownByTheUidThatTheKubeletGaveIt) {
  put_pod({{"rdma_interfaces_required", "[{}]"}, {"kubernetes.io/config.mirror", "static-1"}});
  PodId pod = id();
  pod.uid = "static-1";
  EXPECT_THAT(*pods_->lanes_of(pod), SizeIs(1));
  EXPECT_EQ(grants().at(0).pod_uid, "static-1");
}

TEST_F(PodsTest, ARuntimeThatTellsNoUidIsRefusedLanes) {
  put_papers_pod("[{}]");
  EXPECT_THAT(pods_->lanes_of({.name_space = "ml", .name = "trainer", .uid = {}}),
              FailsWith(Code::unsupported, "does not tell the UIDs"));
  put_pod({}, "plain");
  EXPECT_THAT(*pods_->lanes_of({.name_space = "ml", .name = "plain", .uid = {}}), IsEmpty());
}

TEST_F(PodsTest, APodThatIsBeingDeletedGetsNoNewLanes) {
  put_papers_pod("[{}]");
  nlohmann::json pod = api_.object(kPodPath);
  pod["metadata"]["deletionTimestamp"] = "2026-11-30T10:00:00Z";
  api_.put(kPodPath, pod);
  EXPECT_THAT(lanes_of(), FailsWith(Code::busy, "has ended"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(PodsTest, APodWithLanesOfClassesIsAskedForAlways) {
  put_pod({{"rdma_interfaces_required", "[{}]"}}, "trainer", nlohmann::json::parse(R"(
    {"containers": [{"name": "a", "resources": {"limits": {"sluice.dev/gold": "1"}}}]})"));
  ASSERT_THAT(lanes_of(), IsOk());
  EXPECT_TRUE(grants().at(0).has_others);
}

std::string placement(const std::string& port, const std::string& floor) {
  return encode_placement({{.port = port, .rate = {.floor = parse_quantity(floor).value()}}});
}

TEST_F(PodsTest, ThePlacementOfTheSchedulerIsFollowed) {
  for (const char* const port : {kSecond, kFirst}) {
    const std::string name = std::string("on-") + port[5] + port[6];
    put_pod({{"sluice.dev/lanes", R"([{"floor": "10G"}])"},
             {"sluice.dev/placement", placement(port, "10G")}},
            name);
    ASSERT_THAT(lanes_of(name), IsOk());
    EXPECT_EQ(grants().back().vfs.at(0).port, port);
    EXPECT_TRUE(grants().back().follows_placement);
  }
}

TEST_F(PodsTest, APlacementThatDoesNotHoldIsAHintAndNoMore) {
  put_papers_pod(R"([{"min_tx_rate": 35000}])", "first");
  ASSERT_THAT(lanes_of("first"), IsOk());
  const std::string full = grants().at(0).vfs.at(0).port;
  const std::string other = full == kFirst ? kSecond : kFirst;
  const std::vector<std::string> hints = {placement(full, "10G"),            // No room.
                                          placement("0000:00:00.0", "10G"),  // No such port.
                                          placement(other, "1G"),            // Another rate.
                                          encode_placement({}),
                                          R"({"version":2,"lanes":[]})",
                                          "forged"};
  for (std::size_t i = 0; i < hints.size(); ++i) {
    SCOPED_TRACE(hints[i]);
    const std::string name = "pod-" + std::to_string(i);
    put_pod({{"sluice.dev/lanes", R"([{"floor": "10G"}])"}, {"sluice.dev/placement", hints[i]}},
            name);
    ASSERT_THAT(lanes_of(name), IsOk());
    EXPECT_EQ(grants().back().vfs.at(0).port, other);
    EXPECT_FALSE(grants().back().follows_placement);
    ASSERT_THAT(aside_.grants.save({grants().front()}), IsOk());
  }
  EXPECT_THAT(said_.str(), HasSubstr("a pod's placement is not followed"));
}

}  // namespace
}  // namespace sluice
