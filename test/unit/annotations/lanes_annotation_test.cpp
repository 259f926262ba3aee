#include "pkg/annotations/lanes_annotation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;

Result<std::optional<AnnotatedPod>> read(const std::string& text) {
  return read_annotations({{std::string(kLanesAnnotation), text}});
}

TEST(LanesAnnotation, IsAnArrayOfLanes) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod,
                       read(R"([{"floor": "15G", "ceiling": "20G"}, {"ceiling": "2.5G"}, {}])"));
  ASSERT_TRUE(pod);
  EXPECT_THAT(
      pod->ask.lanes,
      ElementsAre(LaneAsk{.rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)}},
                  LaneAsk{.rate = {.ceiling = BitRate::mbps(2500)}}, LaneAsk{}));
  EXPECT_THAT(pod->settings, ElementsAre(LaneConfig(), LaneConfig(), LaneConfig()));
  EXPECT_THAT(pod->names, ElementsAre("0", "1", "2"));
  EXPECT_FALSE(pod->is_papers);
}

TEST(LanesAnnotation, SaysAllThatALaneCanBe) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod, read(R"([{
      "name": "train", "floor": "15G", "ceiling": "20G", "numaNode": 1, "link": "ens[0-9]*f0",
      "linkType": "infiniband", "mtu": 9000, "vlan": 100, "vlanQoS": 5, "vlanProto": "802.1ad",
      "mac": "02:00:00:00:00:01", "interface": "rail0", "network": "fabric", "rdma": false,
      "trust": true, "spoofchk": false, "driver": "default"}])"));
  ASSERT_TRUE(pod);
  EXPECT_THAT(
      pod->ask.lanes,
      ElementsAre(LaneAsk{.rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)},
                          .numa_node = 1,
                          .link = "ens[0-9]*f0",
                          .medium = Medium::infiniband,
                          .network = "fabric"}));
  EXPECT_THAT(pod->settings, ElementsAre(LaneConfig{
                                 .mtu = 9000,
                                 .vlan = VlanTag{.id = 100, .qos = 5, .protocol = VlanTag::kDot1ad},
                                 .mac = MacAddress({2, 0, 0, 0, 0, 1}),
                                 .interface = "rail0",
                                 .network = "fabric",
                                 .rdma = false,
                                 .trust = true,
                                 .spoofchk = false,
                                 .driver = LaneDriver::network}));
  EXPECT_THAT(pod->names, ElementsAre("train"));
}

TEST(LanesAnnotation, KnowsEverySettingOfALaneConfig) {
  const std::vector<std::string_view> known(annotated_lane_members());
  for (const std::string_view setting : lane_config_members()) {
    if (setting == "apiVersion" || setting == "kind") continue;
    EXPECT_EQ(std::ranges::count(known, setting), 1) << setting;
  }
}

TEST(LanesAnnotation, CountsLanesThatAreAlike) {
  ASSERT_OK_AND_ASSIGN(
      const std::optional<AnnotatedPod> pod,
      read(R"({"lanes": [{"floor": "1G"}, {"name": "rail", "count": 3, "floor": "5G", "mtu": 9000},
                         {"name": "store"}],
               "samePort": [["store", "rail"]], "differentPorts": []})"));
  const LaneAsk rail{.rate = {.floor = BitRate::gbps(5)}};
  EXPECT_THAT(pod->ask.lanes, ElementsAre(LaneAsk{.rate = {.floor = BitRate::gbps(1)}}, rail, rail,
                                          rail, LaneAsk{}));
  EXPECT_EQ(pod->settings[3].mtu, 9000);
  EXPECT_THAT(pod->names, ElementsAre("0", "rail", "rail", "rail", "store"));
  EXPECT_THAT(pod->ask.same_port, ElementsAre(LaneGroup{4, 1, 2, 3}));
}

TEST(LanesAnnotation, SpreadsLanesOfOneNameOverDifferentPorts) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod,
                       read(R"({"lanes": [{"name": "rail", "count": 4}],
                                "differentPorts": [["rail"]]})"));
  EXPECT_THAT(pod->ask.different_ports, ElementsAre(LaneGroup{0, 1, 2, 3}));
}

struct Bad {
  const char* text;
  const char* problem;
};

class RefusesBadLanes : public testing::TestWithParam<Bad> {};

INSTANTIATE_TEST_SUITE_P(
    LanesAnnotation, RefusesBadLanes,
    testing::Values(
        Bad{"null", "want an array of lanes, or an object with \"lanes\""},
        Bad{"\"[]\"", "want an array of lanes, or an object with \"lanes\""},
        Bad{"{}", "/lanes: want an array"}, Bad{R"({"lanes": {}})", "/lanes: want an array"},
        Bad{R"({"lanes": [], "same_port": []})", "/same_port: unknown key; did you mean"},
        Bad{"[[]]", "/0: want an object"},
        Bad{R"([{"min_tx_rate": 5}])", "/0/min_tx_rate: unknown key"},
        Bad{R"([{"apiVersion": "sluice.dev/v1alpha1"}])", "/0/apiVersion: unknown key"},
        Bad{R"([{"count": 0}])", "/0/count: want a whole number from 1 to 64, got '0'"},
        Bad{R"([{"count": 65}])", "/0/count: want a whole number from 1 to 64, got '65'"},
        Bad{R"([{"count": 64}, {}])", "more than 64 lanes"},
        Bad{R"({"lanes": [{"count": 64}, {}]})", "/lanes: more than 64 lanes"},
        Bad{R"([{"name": "Rail_0"}])",
            "/0/name: want at most 63 of a-z, 0-9 and '-', got 'Rail_0'"},
        Bad{R"([{"name": ""}])", "/0/name: want at most 63"},
        Bad{R"([{"name": "a"}, {"name": "a"}])", "/1/name: an earlier lane is 'a', too"},
        Bad{R"([{"floor": 5}])", "/0/floor: want a quantity in bit/s in quotes"},
        Bad{R"([{"floor": "-5G"}])", "/0/floor: quantity '-5G': must not be negative"},
        Bad{R"([{"floor": "2147483648M"}])", "is above the 2147483647 Mbit/s"},
        Bad{R"([{"floor": "20G", "ceiling": "15G"}])",
            "/0/floor: 20 Gbit/s is above the ceiling of 15 Gbit/s"},
        Bad{R"([{"numaNode": -1}])", "/0/numaNode: want a whole number"},
        Bad{R"([{"link": ""}])", "/0/link: want a text that is not empty"},
        Bad{R"([{"link": "01234567890123456789012345678901234567890123456789012345678901234"}])",
            "/0/link: has 65 characters, 64 are allowed"},
        Bad{R"([{"linkType": "wifi"}])",
            "/0/linkType: want \"ethernet\" or \"infiniband\", got 'wifi'"},
        Bad{R"([{"mtu": 67}])", "/0/mtu: want a whole number from 68 to 65535"},
        Bad{R"([{"vlanQoS": 3}])", "/0/vlanQoS: needs \"vlan\" beside it"},
        Bad{R"([{"driver": "vfio-pci", "mtu": 9000, "rdma": true}])",
            "/0/driver: driver vfio-pci leaves no link, so not with \"mtu\", \"rdma\""},
        Bad{R"([{"interface": "a"}, {"interface": "a"}])", "/1/interface: an earlier lane has 'a'"},
        Bad{R"([{"mac": "02:00:00:00:00:01", "count": 2}])",
            "/0/mac: 2 lanes cannot all have '02:00:00:00:00:01'"},
        Bad{R"({"lanes": [{}], "samePort": [["a"]]})", "/samePort/0/0: no lane is named '\"a\"'"},
        Bad{R"({"lanes": [{}], "samePort": [[""]]})", "/samePort/0/0: no lane is named"},
        Bad{R"({"lanes": [{}], "samePort": [[0]]})", "/samePort/0/0: no lane is named '0'"},
        Bad{R"({"lanes": [{}], "samePort": [[]]})", "/samePort/0: want an array of 1 to 64 names"},
        Bad{R"({"lanes": [{}], "samePort": ["a"]})", "/samePort/0: want an array of 1 to 64 names"},
        Bad{R"({"lanes": [{}], "differentPorts": {}})", "/differentPorts: want an array"},
        Bad{R"({"lanes": [{"name": "a"}], "samePort": [["a", "a"]]})",
            "/samePort/0/1: 'a' is in the group already"},
        Bad{R"({"lanes": [{"name": "a"}, {"name": "b"}], "samePort": [["a", "b"]],
                "differentPorts": [["a", "b"]]})",
            "lanes 0 and 1 are asked on one port and on different ones"}));

TEST_P(RefusesBadLanes, NamingThePlace) {
  const auto pod = read(GetParam().text);
  EXPECT_THAT(pod, FailsWith(Code::invalid_argument, "annotation 'sluice.dev/lanes': "));
  EXPECT_THAT(pod, FailsWith(Code::invalid_argument, GetParam().problem));
}

TEST(LanesAnnotation, HasSixtyFourGroupsOfAKindAtMost) {
  std::string groups = R"(["a"])";
  for (int i = 1; i < 64; ++i) groups += R"(, ["a"])";
  const std::string lanes = R"({"lanes": [{"name": "a"}], "samePort": [)";
  EXPECT_THAT(read(lanes + groups + "]}"), IsOk());
  EXPECT_THAT(read(lanes + groups + R"(, ["a"]]})"),
              FailsWith(Code::invalid_argument, "/samePort: 65 groups, 64 are the most"));
}

}  // namespace
}  // namespace sluice
