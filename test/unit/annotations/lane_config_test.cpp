#include "pkg/annotations/lane_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using testing::HasSubstr;

/// A LaneConfig with these members beside its kind; `members` begins with a comma or is empty.
std::string with(const std::string& members) {
  return R"({"apiVersion": "sluice.dev/v1alpha1", "kind": "LaneConfig")" + members + "}";
}

std::string problems_of(const std::string& text) {
  Problems problems;
  static_cast<void>(read_lane_config(text, "/at", problems));
  return to_string(problems.all());
}

LaneConfig read(const std::string& members) {
  Problems problems;
  LaneConfig config = read_lane_config(with(members), "", problems);
  EXPECT_EQ(to_string(problems.all()), "") << members;
  return config;
}

TEST(LaneConfig, SaysNothingWhenItIsEmpty) {
  EXPECT_EQ(read(""), LaneConfig());
}

TEST(LaneConfig, HasAllItsMembers) {
  const LaneConfig config = read(R"(, "ceiling": "40G", "mtu": 9000, "vlan": 100, "vlanQoS": 5,
    "vlanProto": "802.1ad", "mac": "02:00:00:00:00:01", "interface": "rail0", "network": "fabric",
    "rdma": false, "trust": true, "spoofchk": false, "driver": "default")");
  EXPECT_EQ(config, (LaneConfig{.ceiling = BitRate::gbps(40),
                                .mtu = 9000,
                                .vlan = VlanTag{.id = 100, .qos = 5, .protocol = VlanTag::kDot1ad},
                                .mac = MacAddress({2, 0, 0, 0, 0, 1}),
                                .interface = "rail0",
                                .network = "fabric",
                                .rdma = false,
                                .trust = true,
                                .spoofchk = false,
                                .driver = LaneDriver::network}));
}

TEST(LaneConfig, E8_CeilingsAreQuantities) {
  EXPECT_EQ(read(R"(, "ceiling": "10G")").ceiling, BitRate::gbps(10));
  EXPECT_EQ(read(R"(, "ceiling": "10Gi")").ceiling, BitRate::bits_per_second(10ULL << 30));
  EXPECT_EQ(read(R"(, "ceiling": "0")").ceiling, BitRate());
  EXPECT_EQ(read(R"(, "ceiling": "2147483647M")").ceiling, BitRate::mbps(2147483647));
}

struct Bad {
  const char* members;
  const char* problem;
};

class RefusesBad : public testing::TestWithParam<Bad> {};

INSTANTIATE_TEST_SUITE_P(
    LaneConfig, RefusesBad,
    testing::Values(
        Bad{R"(, "max-tx-rate": 5)", "/at/max-tx-rate: unknown key"},
        Bad{R"(, "ceilling": "5G")", "/at/ceilling: unknown key; did you mean \"ceiling\"?"},
        Bad{R"(, "floor": "5G")", "/at/floor: unknown key"},
        Bad{R"(, "ceiling": 5)", "/at/ceiling: want a quantity in bit/s in quotes"},
        Bad{R"(, "ceiling": "-5G")", "/at/ceiling: quantity '-5G': must not be negative"},
        Bad{R"(, "ceiling": "5X")", "/at/ceiling: quantity '5X': unknown suffix 'X'"},
        Bad{R"(, "ceiling": "2147483648M")", "is above the 2147483647 Mbit/s"},
        Bad{R"(, "mtu": 67)", "/at/mtu: want a whole number from 68 to 65535, got '67'"},
        Bad{R"(, "mtu": "9000")", "/at/mtu: want a whole number"},
        Bad{R"(, "vlan": 4095)", "/at/vlan: want a whole number from 0 to 4094"},
        Bad{R"(, "vlan": 0, "vlanQoS": 3)", "/at/vlan: 0 is no VLAN"},
        Bad{R"(, "vlanQoS": 3)", "/at/vlanQoS: needs \"vlan\" beside it"},
        Bad{R"(, "vlanProto": "802.1ad")", "/at/vlanProto: needs \"vlan\" beside it"},
        Bad{R"(, "vlan": 3, "vlanProto": "q")", "/at/vlanProto: want \"802.1q\" or \"802.1ad\""},
        Bad{R"(, "mac": "01:00:00:00:00:01")", "/at/mac: want a unicast MAC address"},
        Bad{R"(, "mac": "00:00:00:00:00:00")", "/at/mac: want a unicast MAC address"},
        Bad{R"(, "mac": 7)", "/at/mac: want a string"},
        Bad{R"(, "interface": "sixteen-letters-")", "/at/interface: want 1 to 15 characters"},
        Bad{R"(, "interface": "a/b")", "/at/interface: want 1 to 15 characters"},
        Bad{R"(, "interface": "eth0")", "/at/interface: 'eth0' is the pod's own"},
        Bad{R"(, "interface": "lo")", "/at/interface: 'lo' is the pod's own"},
        Bad{R"(, "network": "Rail_0")", "/at/network: want the name of a network, got 'Rail_0'"},
        Bad{R"(, "trust": "on")", "/at/trust: want true or false"},
        Bad{R"(, "rdma": 1)", "/at/rdma: want true or false"},
        Bad{R"(, "driver": "vfio")", "/at/driver: want \"default\" or \"vfio-pci\", got 'vfio'"},
        Bad{R"(, "mtu": 1500, "mtu": 9000)", "/at/mtu: is there twice"}));

TEST_P(RefusesBad, E9_NamingThePlace) {
  EXPECT_THAT(problems_of(with(GetParam().members)), HasSubstr(GetParam().problem));
}

TEST(LaneConfig, E9_IsRefusedWhenItIsSomethingElse) {
  EXPECT_THAT(problems_of("mtu: 9000"), HasSubstr("/at: not JSON at line 1, column 1"));
  EXPECT_THAT(problems_of("[]"), HasSubstr("/at: want an object"));
  EXPECT_THAT(problems_of("null"), HasSubstr("/at: want an object"));
  EXPECT_THAT(problems_of(R"({"apiVersion": "sluice.dev/v2", "kind": "LaneConfig"})"),
              HasSubstr("/at/apiVersion: want sluice.dev/v1alpha1, got 'sluice.dev/v2'"));
  EXPECT_THAT(problems_of(R"({"apiVersion": "sluice.dev/v1alpha1", "kind": "VfConfig"})"),
              HasSubstr("/at/kind: want LaneConfig, got 'VfConfig'"));
  EXPECT_THAT(problems_of("{}"), HasSubstr("/at/apiVersion: want a string"));
}

TEST(LaneConfig, E9_HasTenKibibytesAtMost) {
  const std::string config = with("");
  const std::string longest = config + std::string(kLongestLaneConfig - config.size(), ' ');
  EXPECT_EQ(problems_of(longest), "");
  EXPECT_THAT(problems_of(longest + " "), HasSubstr("/at: has 10241 bytes, 10240 are allowed"));
}

TEST(LaneConfig, MergesMemberByMember) {
  LaneConfig config = read(R"(, "ceiling": "40G", "mtu": 9000, "trust": true)");
  merge(config, read(R"(, "ceiling": "0", "trust": false, "rdma": false)"));
  EXPECT_EQ(config, (LaneConfig{.ceiling = BitRate(), .mtu = 9000, .rdma = false, .trust = false}));
}

TEST(LaneConfig, MergesAVlanTagAsOne) {
  LaneConfig config = read(R"(, "vlan": 100, "vlanQoS": 5)");
  merge(config, read(R"(, "vlan": 0)"));
  EXPECT_EQ(config.vlan, VlanTag());
}

TEST(LaneConfig, HasTheSettingsOfItsVf) {
  VfSettings settings;
  settings.mac = MacAddress({2, 0, 0, 0, 0, 1});
  settings.vlan = VlanTag{.id = 7};
  settings.spoofchk = true;
  settings.trust = false;
  EXPECT_EQ(settings_of(read(
                R"(, "mac": "02:00:00:00:00:01", "vlan": 7, "spoofchk": true, "trust": false)")),
            settings);
}

}  // namespace
}  // namespace sluice
