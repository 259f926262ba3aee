#include "pkg/config/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/config.h"

namespace sluice {
namespace {

ParsedConfig parse(const std::string& networks, const std::string& classes = "[]") {
  return parse_config(R"({"ports": [], "classes": )" + classes + R"(, "networks": )" + networks +
                      "}");
}

std::string problems_of(const std::string& networks, const std::string& classes = "[]") {
  return to_string(parse(networks, classes).problems);
}

Port port(const std::string& link, int numa = 0) {
  Port made;
  made.link = link;
  made.numa_node = numa;
  return made;
}

TEST(Networks, ReadsEverything) {
  const ParsedConfig parsed = parse(R"([
    {"name": "rail0", "node": "gpu-*", "select": {"link": "ens1f0", "numa": 1},
     "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.0.0.0/24"}]]},
     "routes": [{"dst": "10.0.0.0/16", "gw": "10.0.0.1"}],
     "mtu": 9000, "vlan": 7, "vlanQoS": 3, "vlanProto": "802.1ad", "rules": true},
    {"name": "plain"}])");

  EXPECT_EQ(to_string(parsed.problems), "");
  ASSERT_EQ(parsed.config.networks.size(), 2U);
  const NetworkRule& rail = parsed.config.networks[0];
  EXPECT_EQ(rail.name, "rail0");
  EXPECT_EQ(rail.node, "gpu-*");
  EXPECT_EQ(rail.select[0].port.link, "ens1f0");
  EXPECT_EQ(rail.select[0].numa_node, 1);
  EXPECT_EQ(rail.cni,
            R"({"cniVersion":"1.0.0","ipam":{"ranges":[[{"subnet":"10.0.0.0/24"}]],)"
            R"("type":"host-local"},"name":"sluice-rail0",)"
            R"("routes":[{"dst":"10.0.0.0/16","gw":"10.0.0.1"}],"rules":true,"type":"sluice"})");
  EXPECT_EQ(rail.mtu, 9000);
  EXPECT_EQ(rail.vlan, (VlanTag{.id = 7, .qos = 3, .protocol = VlanTag::kDot1ad}));
  EXPECT_EQ(parsed.config.networks[1].cni, "");
}

TEST(Networks, ReportsAllProblemsAtOnce) {
  EXPECT_EQ(problems_of(R"([
      {"nam": "rail0", "ipam": {"type": "../x"}, "mtu": 10, "vlanQoS": 1, "vlanProto": "qinq"},
      {"name": "Rail", "ipam": {}, "vlan": 5000, "routes": [{"dst": "10.0.0.1"}, 7]},
      {"name": "a", "ipam": [], "vlan": 0, "vlanQoS": 2, "routes": {}},
      {"name": "b", "ipam": {"type": "static"}, "routes": [{"dst": "::/0", "gw": "10.0.0.1"}]},
      {"name": "c", "rules": true, "routes": []}])"),
            "/networks/0/nam: unknown key; did you mean \"name\"?\n"
            "/networks/0: has no \"name\"\n"
            "/networks/0/ipam/type: want the name of an IPAM plugin, got '../x'\n"
            "/networks/0/mtu: want a whole number from 68 to 65535, got '10'\n"
            "/networks/0/vlanProto: want \"802.1q\" or \"802.1ad\", got 'qinq'\n"
            "/networks/0/vlanQoS: needs \"vlan\" beside it\n"
            "/networks/0/vlanProto: needs \"vlan\" beside it\n"
            "/networks/1/name: want at most 63 of a-z, 0-9, \"-\" and \".\", a letter or digit at "
            "both ends and beside each \".\", got 'Rail'\n"
            "/networks/1/ipam: has no \"type\"\n"
            "/networks/1/vlan: want a whole number from 0 to 4094, got '5000'\n"
            "/networks/1/routes/0/dst: want an address with its length like 192.0.2.1/24, got "
            "'10.0.0.1'\n"
            "/networks/1/routes/1: want an object\n"
            "/networks/2/ipam: want an object\n"
            "/networks/2/vlan: 0 is no VLAN, so it has no priority and no protocol\n"
            "/networks/2/routes: want a list of routes\n"
            "/networks/3/routes/0/gw: is of another family than \"dst\"\n"
            "/networks/4/routes: needs \"ipam\"\n"
            "/networks/4/rules: needs \"ipam\"\n");
}

TEST(Networks, AClassNamesOneThatIsThere) {
  EXPECT_EQ(problems_of(R"([{"name": "rail0"}])", R"([{"name": "gold", "network": "rail1"}])"),
            "/classes/0/network: no network has the name 'rail1'\n");
  EXPECT_EQ(problems_of(R"([{"name": "rail0"}])", R"([{"name": "gold", "network": "rail0"}])"), "");
}

TEST(Networks, TheFirstThatSelectsTheVfCounts) {
  const auto networks = parse(R"([
      {"name": "rail0", "select": {"link": "ens1*"}},
      {"name": "rail1", "select": [{"link": "ens2*", "vfs": "0-3"}, {"numa": 1}]},
      {"name": "rest"},
      {"name": "rail0", "select": {"link": "ens9"}}])")
                            .config.networks;
  ASSERT_EQ(networks.size(), 4U);
  EXPECT_EQ(network_for(networks, "", port("ens1f0"), 0), &networks[0]);
  EXPECT_EQ(network_for(networks, "", port("ens2f0"), 3), &networks[1]);
  EXPECT_EQ(network_for(networks, "", port("ens2f0"), 4), &networks[2]);
  EXPECT_EQ(network_for(networks, "", port("ens3", 1), 9), &networks[1]);
  EXPECT_EQ(network_for(networks, "rail0", port("ens9"), 0), &networks[3]);
  EXPECT_EQ(network_for(networks, "rail1", port("ens9"), 0), nullptr);
}

TEST(Networks, ANodeKeepsThoseThatAreForIt) {
  auto networks = parse(R"([{"name": "a", "node": "gpu-1"}, {"name": "a", "node": "gpu-*"},
                            {"name": "b"}])")
                      .config.networks;
  auto elsewhere = networks;
  keep_networks_of("gpu-2", networks);
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[0].node, "gpu-*");
  keep_networks_of("", elsewhere);
  ASSERT_EQ(elsewhere.size(), 1U);
  EXPECT_EQ(elsewhere[0].name, "b");
}

}  // namespace
}  // namespace sluice
