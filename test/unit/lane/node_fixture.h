#pragma once

#include <memory>
#include <string>

#include "pkg/lane/lanes.h"
#include "pkg/lane/providers.h"
#include "pkg/ledger/set_aside.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// A node with one port of four VFs and two pods, in memory; ledger and sysfs in temporary
/// directories. `restart()` is what a new process sees.
class NodeTest : public testing::Test {
 protected:
  static constexpr const char* kPort = "0000:3b:00.0";

  NodeTest() { plug("mlx5_core", "100000", {}); }

  /// Builds the node's only port again.
  void plug(const std::string& driver, const std::string& mbps, FakeDriver behaviour, int vfs = 4) {
    tree = std::make_unique<SysfsTree>();
    const char* const device = driver == "igb" ? "0x10c9" : "0x101d";  // An 82576, a ConnectX.
    tree->pf(kPort, {.vfs = vfs, .driver = driver, .speed = mbps, .device = device});
    sysfs = std::make_unique<Dir>(tree->root());
    kernel = std::make_unique<FakeKernel>();
    kernel->node().add_port(
        {.name = "eth0", .mtu = 1500, .parent_bus = "pci", .parent_device = kPort}, vfs, behaviour);
    for (int i = 0; i < vfs; ++i) {
      kernel->node().add_link({.name = "eth0v" + std::to_string(i),
                               .mtu = 1500,
                               .mac = MacAddress({2, 0, 0, 0, 0, static_cast<std::uint8_t>(i)}),
                               .parent_bus = "pci",
                               .parent_device = vf(i)});
      // As a VF is after a leak: every ADD has to start from baseline all the same.
      kernel->node().vf("eth0", i).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(7)};
    }
    kernel->node().add_netns("/run/netns/p0");
    kernel->node().add_netns("/run/netns/p1");
    kernel->log().clear();
    restart();
  }

  void restart() {
    ledger = std::make_unique<Ledger>(*Ledger::open(dir / "run", "boot-1"));
    aside = std::make_unique<SetAsideStore>(dir / "lib");
    lanes = std::make_unique<Lanes>(*kernel, *sysfs, *ledger, *aside,
                                    providers(*kernel, *sysfs, *ledger));
  }

  static Rate gbps(std::uint64_t floor, std::uint64_t ceiling) {
    return {.floor = BitRate::gbps(floor), .ceiling = BitRate::gbps(ceiling)};
  }

  static std::string vf(int index) { return SysfsTree::vf(kPort, index).to_string(); }

  static LaneRequest request(int index, const std::string& container = "c1",
                             const std::string& ifname = "net1", const std::string& pod = "p1") {
    LaneRequest wanted;
    wanted.made_of = OfVf{SysfsTree::vf(kPort, index)};
    wanted.owner = {.network = "rdma-net",
                    .container_id = container,
                    .ifname = ifname,
                    .netns = "/run/netns/" + pod,
                    .netns_cookie = 0,
                    .pod = {}};
    wanted.timeout = std::chrono::milliseconds(0);
    return wanted;
  }

  Result<Lane> attach(const LaneRequest& wanted) {
    const auto pod = kernel->node().netns_at(wanted.owner.netns);
    return lanes->attach(wanted, NetNs::fake(pod.value_or(0)));
  }

  Result<> detach(const std::string& container = "c1", const std::string& ifname = "net1") {
    return lanes->detach({container, ifname});
  }

  std::uint64_t netns(const std::string& pod) {
    return kernel->node().netns_at("/run/netns/" + pod).value_or(0);
  }

  /// Makes sysfs show what the kernel does: VF `index` at home under a pod's name, and under its
  /// own once it is renamed.
  void returned_as(int index, const std::string& name) {
    show_as(index, name);
    const std::string own = "eth0v" + std::to_string(index);
    kernel->log().before("name=" + own, [this, index, own] { show_as(index, own); });
  }

  /// Makes sysfs show the link of VF `index` under that name.
  void show_as(int index, const std::string& name) {
    tree->take_link_away(vf(index)).add_link(vf(index), name, "");
  }

  FakeLink* in_pod(const std::string& name, const std::string& pod = "p1") {
    return kernel->node().find(name, netns(pod));
  }

  Rate rate(int index) { return kernel->node().vf("eth0", index).info.rate.value_or(Rate{}); }

  std::vector<LaneRecord> records() {
    const Result<PortRecord> port = ledger->peek(kPort);
    return port ? port->lanes : std::vector<LaneRecord>();
  }

  std::size_t recorded() { return records().size(); }

  /// At home, down, under its own name, MTU and MAC, without settings, and not in the ledger.
  void expect_baseline(int index) {
    const FakeLink* const link = kernel->node().find("eth0v" + std::to_string(index));
    ASSERT_NE(link, nullptr) << "VF " << index << " is not at home";
    EXPECT_FALSE(link->link.up);
    EXPECT_FALSE(link->link.special_modes);
    EXPECT_EQ(link->link.xdp_modes, 0U);
    EXPECT_EQ(link->link.mtu, 1500);
    EXPECT_EQ(link->link.mac, MacAddress({2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)}));
    EXPECT_THAT(link->link.altnames, testing::IsEmpty());
    const VfInfo& info = kernel->node().vf("eth0", index).info;
    EXPECT_EQ(info.rate.value_or(Rate{}), Rate{});
    EXPECT_EQ(info.vlan.value_or(VlanTag{}), VlanTag{});
    EXPECT_EQ(info.trust.value_or(false), false);
    EXPECT_EQ(info.spoofchk.value_or(true), true);
    for (const LaneRecord& lane : records()) EXPECT_NE(lane.id, vf(index));
  }

  TempDir dir;
  std::unique_ptr<SysfsTree> tree;
  std::unique_ptr<Dir> sysfs;
  std::unique_ptr<FakeKernel> kernel;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<SetAsideStore> aside;
  std::unique_ptr<Lanes> lanes;
};

}  // namespace sluice
