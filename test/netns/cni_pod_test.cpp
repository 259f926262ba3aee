// The plugin in pod mode, chained after the cluster's own, with the agent's server in this process;
// and the calls that Multus makes for a network written for sriov-cni.
#include <nlohmann/json.hpp>

#include "test/netns/cni_pod_world.h"

namespace sluice::cni {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(CniPod, GivesAllLanesOfThePodAndTakesThemBackWithoutTheAgent) {
  give({1, 0});
  const PluginExit exit = add();

  ASSERT_EQ(exit.status, 0) << exit.output;
  const json answer = json::parse(exit.output, nullptr, false);
  ASSERT_EQ(answer["interfaces"].size(), 4U) << exit.output;
  EXPECT_EQ(answer["interfaces"][2]["name"], "net1");
  EXPECT_EQ(answer["interfaces"][3]["name"], "net2");
  EXPECT_EQ(answer["ips"], json::parse(kPrevious)["ips"]);
  EXPECT_TRUE(link_in(*pod_, "net1")->up);
  EXPECT_TRUE(link_in(*pod_, "net2")->up);
  EXPECT_EQ(link_in(host_, "pf0v0"), std::nullopt);
  EXPECT_EQ(link_in(host_, "pf0v1"), std::nullopt);
  EXPECT_THAT(pods_.asked(),
              ElementsAre(PodId{.name_space = "default", .name = "web-0", .uid = "5f0c"}));

  agent_.reset();
  expect_silent_success("CHECK", eth0_,
                        fmt::format(R"({{"cniVersion":"1.0.0",)"
                                    R"("name":"k8s-pod-network","type":"sluice",)"
                                    R"("logLevel":"panic","prevResult":{}}})",
                                    exit.output));
  expect_silent_success("DEL", eth0_, conf());
  expect_nothing_left();
  expect_silent_success("DEL", eth0_, conf());
}

TEST_F(CniPod, APodWithoutLanesPassesThroughUntouched) {
  const PluginExit exit = add();
  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(json::parse(exit.output), json::parse(kPrevious));
  EXPECT_THAT(pods_.asked(), testing::SizeIs(1));
  expect_silent_success("CHECK", eth0_, conf());
  expect_silent_success("DEL", eth0_, conf());
  expect_nothing_left();
}

TEST_F(CniPod, AsksNoAgentWhereNothingIsOffered) {
  agent_.reset();
  offer({});
  const PluginExit exit = add();
  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(json::parse(exit.output), json::parse(kPrevious));
}

TEST_F(CniPod, AllOrNone) {
  give({0, 1});
  ASSERT_EQ(call("ADD", c2_, CniWorld::conf(1)).status, 0);
  const PluginExit exit = add(R"(,"wait":0)");
  EXPECT_EQ(code_of(exit), 11);
  EXPECT_THAT(exit.output, HasSubstr("attach 0000:af:02.1 of class 'gold' as 'net2': VF"));
  EXPECT_EQ(link_in(*pod_, "net1"), std::nullopt);
  expect_free(0);
  EXPECT_THAT(owners(), ElementsAre("c2"));

  expect_silent_success("DEL", eth0_, conf());
  expect_silent_success("DEL", c2_, CniWorld::conf(1));
  ASSERT_EQ(add().status, 0);
  expect_silent_success("DEL", eth0_, conf());
  expect_nothing_left();
}

TEST_F(CniPod, C54_WithoutTheAgentAddIsTryAgainAndDelCleansUp) {
  give({0, 1});
  agent_.reset();
  const PluginExit refused = add(R"(,"wait":0)");
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(code_of(refused), 11);
  EXPECT_THAT(refused.output, HasSubstr("agent.sock': connect: ENOENT"));
  expect_silent_success("DEL", eth0_, conf());
  expect_nothing_left();

  serve();
  EXPECT_EQ(add().status, 0);
  agent_.reset();
  expect_silent_success("DEL", eth0_, conf());
  expect_nothing_left();
}

TEST_F(CniPod, C54_C76_StatusIs50WithoutTheAgent) {
  const std::string asked = R"({"cniVersion":"1.1.0","name":"n","type":"sluice"})";
  expect_silent_success("STATUS", eth0_, asked);
  agent_.reset();
  EXPECT_EQ(code_of(call("STATUS", eth0_, asked)), 50);
  offer({});
  expect_silent_success("STATUS", eth0_, asked);
  EXPECT_EQ(code_of(call("STATUS", eth0_, R"({"cniVersion":"1.1.0","name":"n","vlan":5000})")), 50);
}

TEST_F(CniPod, C53_AKilledAddIsTakenBackByTheNextDel) {
  give({0, 1});
  for (const char* const point :
       {"attach.configured", "attach.moved", "add.attached", "add.all_attached"}) {
    std::vector<std::string> variables = kPod;
    variables.push_back(fmt::format("SLUICE_CRASH_AT={}", point));
    EXPECT_NE(call("ADD", eth0_, conf(), variables).status, 0) << point;
    expect_silent_success("DEL", eth0_, conf());
    expect_nothing_left();
  }
}

TEST_F(CniPod, C74_GcTakesBackTheLanesOfForgottenPods) {
  give({0, 1});
  ASSERT_EQ(add().status, 0);
  const auto gc = [](const char* ifname) {
    return fmt::format(R"({{"cniVersion":"1.1.0","name":"k8s-pod-network","type":"sluice",)"
                       R"("cni.dev/valid-attachments":[{{"containerID":"c1","ifname":"{}"}}]}})",
                       ifname);
  };
  expect_silent_success("GC", eth0_, gc("eth0"));
  EXPECT_THAT(owners(), ElementsAre("c1", "c1"));
  expect_silent_success("GC", eth0_, gc("eth1"));
  expect_nothing_left();
}

/// A node whose pods get their lanes from Multus: no agent is asked.
class Multus : public CniWorld {
 protected:
  /// What Multus makes of sriov-cni's example network for one of a pod's devices: the spec of the
  /// NetworkAttachmentDefinition, where `type` alone was changed, with the device at the top and
  /// the capabilities it declared in runtimeConfig.
  std::string delegate(int vf) {
    return fmt::format(
        R"({{"cniVersion":"0.3.1","name":"sriov-net","type":"sluice","logLevel":"panic",)"
        R"("ipam":{{"type":"test-ipam"}},"deviceID":"{0}","pciBusID":"{0}",)"
        R"("capabilities":{{"deviceID":true,"CNIDeviceInfoFile":true}},)"
        R"("runtimeConfig":{{"deviceID":"{0}","CNIDeviceInfoFile":"{1}"}}}})",
        CniWorld::vf(vf), info(vf));
  }

  /// Multus puts a copy of the device plugin's file there before the ADD, where there is one.
  std::string info(int vf) const {
    return fmt::format("{}/default-sriov-net-{}.json", dir_ / "devinfo", vf);
  }

  static Who of(int vf, const Who& pod) {
    return {.container = pod.container, .netns = pod.netns, .ifname = fmt::format("net{}", vf + 1)};
  }
};

TEST_F(Multus, ANetworkWrittenForSriovCniWorksWithTypeAloneChanged) {
  for (const int each : {0, 1}) {
    const PluginExit exit = call("ADD", of(each, c1_), delegate(each), kPod);
    ASSERT_EQ(exit.status, 0) << exit.output;
    const json answer = json::parse(exit.output, nullptr, false);
    EXPECT_EQ(answer["cniVersion"], "0.3.1");
    EXPECT_EQ(answer["interfaces"][0]["name"], fmt::format("net{}", each + 1));
    EXPECT_EQ(answer["ips"][0]["address"], "192.0.2.1/24");
    const json info =
        json::parse(dir_.read(fmt::format("devinfo/default-sriov-net-{}.json", each)));
    EXPECT_EQ(info["pci"]["pci-address"], vf(each));
  }
  EXPECT_THAT(owners(), ElementsAre("c1", "c1"));

  // Multus remembers the delegates and takes them back one by one, the last one first.
  for (const int each : {1, 0}) expect_silent_success("DEL", of(each, c1_), delegate(each));
  EXPECT_EQ(link_in(*pod_, "net2"), std::nullopt);
  expect_nothing_left();
}

TEST_F(Multus, TheFileOfTheDevicePluginIsLeftAlone) {
  const std::string given =
      R"({"type":"pci","version":"1.1.0","pci":{"pci-address":"0000:af:02.0"}})";
  ASSERT_EQ(shell("mkdir -p " + (dir_ / "devinfo")).status, 0);
  dir_.write("devinfo/default-sriov-net-0.json", given);
  ASSERT_EQ(call("ADD", of(0, c1_), delegate(0), kPod).status, 0);
  expect_silent_success("DEL", of(0, c1_), delegate(0));
  EXPECT_EQ(dir_.read("devinfo/default-sriov-net-0.json"), given);
  expect_nothing_left();
}

// The pod object is gone and Multus has forgotten the device: the container and the name are left.
TEST_F(Multus, ADelWithoutTheDeviceTakesBackThatInterfaceAlone) {
  ASSERT_EQ(call("ADD", of(0, c1_), delegate(0), kPod).status, 0);
  ASSERT_EQ(call("ADD", of(1, c1_), delegate(1), kPod).status, 0);
  const std::string bare =
      R"({"cniVersion":"0.3.1","name":"sriov-net","type":"sluice","logLevel":"panic"})";
  expect_silent_success("DEL", of(0, c1_), bare);
  expect_free(0);
  EXPECT_NE(link_in(*pod_, "net2"), std::nullopt);
  expect_silent_success("DEL", of(1, c1_), bare);
  expect_nothing_left();
}

}  // namespace
}  // namespace sluice::cni
