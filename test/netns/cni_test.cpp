// The plugin with VFs: the verbs. Interrupted calls are in cni_crash_test.cpp, concurrent ones in
// cni_concurrency_test.cpp.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <nlohmann/json.hpp>

#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/kernel_links.h"
#include "test/netns/cni_world.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class CniVf : public CniWorld {
 protected:
  std::string mac_of(const std::string& name) {
    return kernel_->links().find(name).value()->mac->to_string();
  }

  std::vector<IpPrefix> addresses_of_net1() {
    const int index = link_in(*pod_, "net1")->index;
    return KernelAddresses::open(&*pod_).value().addresses(index).value();
  }
};

// There is no agent on this node, and none is missed.
TEST_F(CniVf, C20_C54_AddAnswersWithTheInterfaceWithoutAnAgent) {
  const std::string mac = mac_of("pf0v0");
  const PluginExit exit = call("ADD", c1_, conf(0));

  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(exit.output,
            fmt::format(R"({{"cniVersion":"1.1.0","interfaces":[{{"name":"net1","mac":"{}",)"
                        R"("mtu":1500,"sandbox":"{}","pciID":"0000:af:02.0"}}]}})"
                        "\n",
                        mac, c1_.netns));
  ASSERT_NE(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_TRUE(link_in(*pod_, "net1")->up);
  EXPECT_EQ(link_in(host_, "pf0v0"), std::nullopt);

  expect_silent_success("DEL", c1_, conf(0));
  expect_nothing_left();
}

TEST_F(CniVf, C12_PrintsOneJsonDocumentWhileItLogsToStandardError) {
  dir_.write("sluice", "#!/bin/sh\nexec " + plugin_ + " 2>>" + (dir_ / "errors") + "\n");
  ASSERT_EQ(shell("chmod 755 " + (dir_ / "sluice")).status, 0);
  plugin_ = dir_ / "sluice";
  const std::string talkative = R"({"cniVersion":"1.1.0","name":"rdma-net","type":"sluice",)"
                                R"("deviceID":"0000:af:02.0","logLevel":"debug"})";
  const PluginExit exit = call("ADD", c1_, talkative);

  const auto answer = nlohmann::json::parse(exit.output, nullptr, false);
  ASSERT_TRUE(answer.is_object()) << exit.output;
  EXPECT_EQ(answer["interfaces"][0]["name"], "net1");
  EXPECT_THAT(dir_.read("errors"), HasSubstr("ADD"));
}

TEST_F(CniVf, C21_SetsWhatIpamAssigns) {
  const PluginExit exit = call("ADD", c1_, conf(0, kWithIpam));
  const auto answer = nlohmann::json::parse(exit.output, nullptr, false);
  ASSERT_TRUE(answer.contains("ips")) << exit.output;
  EXPECT_EQ(answer["ips"][0]["interface"], 0);
  EXPECT_EQ(answer["ips"][0]["address"], "192.0.2.1/24");
  EXPECT_THAT(addresses_of_net1(), testing::Contains(*IpPrefix::parse("192.0.2.1/24")));
  EXPECT_EQ(ipam_.input(), conf(0, kWithIpam));

  expect_silent_success("DEL", c1_, conf(0, kWithIpam));
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
}

TEST_F(CniVf, C41_NamesTheDeviceItRefuses) {
  const auto refused = [&](const std::string& device) {
    return call("ADD", c1_, R"({"cniVersion":"1.1.0","name":"n","deviceID":")" + device + "\"}");
  };
  EXPECT_THAT(refused("0000:ff:00.0").output, HasSubstr(R"("code":100)"));
  EXPECT_THAT(refused("0000:ff:00.0").output, HasSubstr("no PCI device 0000:ff:00.0"));
  EXPECT_EQ(code_of(refused(kPort)), 7);
  EXPECT_THAT(refused(kPort).output, HasSubstr("0000:af:00.0 is a port, not a VF"));
  expect_nothing_left();
}

TEST_F(CniVf, C47_AFailedIpamIsUndone) {
  const PluginExit exit = call("ADD", c1_, conf(0, kWithIpam), {"IPAM_FAIL=ADD"});
  EXPECT_NE(exit.status, 0);
  EXPECT_THAT(exit.output, HasSubstr(R"("code":11,"msg":"IPAM ADD by 'test-ipam': pool is busy")"));
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
  expect_nothing_left();
  expect_silent_success("DEL", c1_, conf(0, kWithIpam));  // C61
}

TEST_F(CniVf, C48_AnIpamAnswerWithoutAddressesIsUndone) {
  ipam_.answer(R"({"cniVersion":"1.1.0"})");
  EXPECT_THAT(call("ADD", c1_, conf(0, kWithIpam)).output, HasSubstr("answer has no addresses"));
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
  expect_nothing_left();
}

TEST_F(CniVf, C49_AVfOfALivePodIsTryAgainUntilItsDel) {
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  const PluginExit refused = call("ADD", c2_, conf(0, R"(,"wait":0)"));
  EXPECT_EQ(code_of(refused), 11);
  EXPECT_THAT(refused.output, HasSubstr("VF 0000:af:02.0 is still held by container 'c1'"));
  EXPECT_NE(link_in(*pod_, "net1"), std::nullopt);
  expect_silent_success("DEL", c1_, conf(0));
  EXPECT_EQ(call("ADD", c2_, conf(0)).status, 0);
}

TEST_F(CniVf, C60_DelRestoresWhatThePodChanged) {
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  const int index = link_in(*pod_, "net1")->index;
  KernelLinks links = KernelLinks::open(&*pod_).value();
  ASSERT_THAT(links.change(index, {.mac = MacAddress({2, 9, 9, 9, 9, 9}), .mtu = 4444}), IsOk());
  ASSERT_THAT(links.change(index, {.up = false}), IsOk());
  ASSERT_THAT(links.change(index, {.name = "renamed"}), IsOk());
  const std::string in_pod = "nsenter --net=" + c1_.netns + " ip link set renamed ";
  ASSERT_EQ(shell(in_pod + "promisc on allmulticast on arp off").status, 0);
  ASSERT_TRUE(link_in(*pod_, "renamed")->special_modes);

  expect_silent_success("DEL", c1_, conf(0));
  expect_nothing_left();
}

/// A network namespace of a user namespace of its own, as that of a pod with `hostUsers: false`.
Result<NetNs> netns_of_another_user() {
  int ends[2] = {};
  if (::pipe(ends) != 0) return Error::from_errno(errno, "make pipe");
  const UniqueFd told(ends[0]);
  UniqueFd tell(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const char made = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 'y' : 'n';
    static_cast<void>(::write(tell.get(), &made, 1));
    ::pause();
    ::_exit(0);
  }
  tell = UniqueFd();
  char made = 'n';
  static_cast<void>(::read(told.get(), &made, 1));
  Result<std::optional<NetNs>> netns = NetNs::open(fmt::format("/proc/{}/ns/net", child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  if (made != 'y') return Error(Code::unsupported, "no user namespace is to be had");
  if (!netns) return std::move(netns).error();
  return **std::move(netns);
}

TEST_F(CniVf, K34_APodWithAUserNamespaceGetsItsVfAndGivesItBack) {
  ASSERT_OK_AND_ASSIGN(const NetNs pod, netns_of_another_user());
  const Who who{.container = "c1", .netns = path_of(pod)};
  const std::string text = conf(0, kWithIpam);
  ASSERT_EQ(call("ADD", who, text).status, 0);
  ASSERT_NE(link_in(pod, "net1"), std::nullopt);
  EXPECT_TRUE(link_in(pod, "net1")->up);

  expect_silent_success("DEL", who, text);
  EXPECT_EQ(link_in(pod, "net1"), std::nullopt);
  expect_nothing_left();
}

TEST_F(CniVf, C61_DelIsSuccessTwiceAndForWhatWasNeverAdded) {
  expect_silent_success("DEL", c1_, conf(0));
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  expect_silent_success("DEL", c1_, conf(0));
  expect_silent_success("DEL", c1_, conf(0));
  expect_nothing_left();
}

TEST_F(CniVf, C61_ALateDelLeavesTheNextOwnerAlone) {
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  expect_silent_success("DEL", c1_, conf(0));
  ASSERT_EQ(call("ADD", c2_, conf(0)).status, 0);
  expect_silent_success("DEL", c1_, conf(0));
  EXPECT_NE(link_in(other_pod_, "net1"), std::nullopt);
  EXPECT_THAT(owners(), ElementsAre("c2"));
}

TEST_F(CniVf, C62_DelWithoutANamespaceBringsTheVfHome) {
  ASSERT_EQ(call("ADD", c1_, conf(0, kWithIpam)).status, 0);
  expect_silent_success("DEL", {.container = "c1", .netns = ""}, conf(0, kWithIpam));
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
  expect_nothing_left();
}

// A VF's link comes back from a namespace that dies; a veth dies with it. What the kernel does with
// the VF is done by hand here: a link with the same index appears under the pod's name, and sysfs
// shows it.
TEST_F(CniVf, C63_AVfThatTheKernelReturnedIsRenamedBack) {
  ASSERT_EQ(call("ADD", c1_, conf(0, kWithIpam)).status, 0);
  const int index = link_in(*pod_, "net1")->index;
  const std::string remake =
      "ip link del wire0 && ip link add name net1 index {} type veth "
      "peer name wire0 && ip link set net1 mtu 1400";
  ASSERT_EQ(shell(fmt::format(fmt::runtime(remake), index)).status, 0);
  pod_.reset();
  tree_.take_link_away(vf(0)).add_link(vf(0), "net1", "");

  expect_silent_success("DEL", c1_, conf(0, kWithIpam));
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
  EXPECT_THAT(owners(), IsEmpty());
  EXPECT_EQ(link_in(host_, "net1"), std::nullopt);
  expect_free(0);
}

TEST_F(CniVf, C65_AFailedIpamDoesNotKeepTheVf) {
  ASSERT_EQ(call("ADD", c1_, conf(0, kWithIpam)).status, 0);
  const PluginExit exit = call("DEL", c1_, conf(0, kWithIpam), {"IPAM_FAIL=DEL"});
  EXPECT_EQ(code_of(exit), 11);
  EXPECT_THAT(exit.output, HasSubstr("IPAM DEL by 'test-ipam': pool is busy"));
  expect_nothing_left();
  expect_silent_success("DEL", c1_, conf(0, kWithIpam));
  EXPECT_EQ(ipam_.calls(), "ADD DEL DEL ");
}

TEST_F(CniVf, C71_C73_CheckComparesWithThePreviousResult) {
  const std::string answer = call("ADD", c1_, conf(0, kWithIpam)).output;
  const std::string checked = conf(0, kWithIpam + (R"(,"prevResult":)" + answer));
  expect_silent_success("CHECK", c1_, checked);
  EXPECT_EQ(ipam_.calls(), "ADD CHECK ");

  const PluginExit without = call("CHECK", c1_, conf(0));
  EXPECT_EQ(code_of(without), 7);
  EXPECT_THAT(without.output, HasSubstr("prevResult"));

  const int index = link_in(*pod_, "net1")->index;
  const MacAddress changed({2, 9, 9, 9, 9, 9});
  ASSERT_THAT(KernelLinks::open(&*pod_)->change(index, {.mac = changed}), IsOk());
  EXPECT_THAT(call("CHECK", c1_, checked).output, HasSubstr("has MAC 02:09:09:09:09:09"));
}

TEST_F(CniVf, C74_GcReleasesWhatTheRuntimeDoesNotKnow) {
  const Who c3{.container = "c3", .netns = c2_.netns, .ifname = "net3"};
  const std::string others = R"({"cniVersion":"1.1.0","name":"other-net","type":"sluice",)"
                             R"("deviceID":"0000:af:02.2"})";
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  ASSERT_EQ(call("ADD", c2_, conf(1)).status, 0);
  ASSERT_EQ(call("ADD", c3, others).status, 0);

  const std::string valid =
      R"(,"cni.dev/valid-attachments":[{"containerID":"c1","ifname":"net1"}])";
  expect_silent_success("GC", {}, conf(0, kWithIpam + valid));
  EXPECT_THAT(owners(), ElementsAre("c1", "c3"));
  expect_free(1);
  EXPECT_EQ(ipam_.calls(), "GC ");
}

TEST_F(CniVf, C76_StatusIsHealthyWithoutAnAgentAndForwarded) {
  expect_silent_success("STATUS", {}, conf(0, kWithIpam));
  EXPECT_EQ(ipam_.calls(), "STATUS ");
  EXPECT_EQ(code_of(call("STATUS", {}, conf(0, R"(,"vlan":4095)"))), 50);
  EXPECT_EQ(code_of(call("STATUS", {}, conf(0), {"SLUICE_RUN_DIR=/proc/nosuch"})), 50);
}

}  // namespace
}  // namespace sluice::cni
