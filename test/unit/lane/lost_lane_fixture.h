#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/lane/lanes.h"
#include "pkg/lane/providers.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// A lane of VF 0 in a pod, and what a reset of the VF's function does to it.
class LostLaneTest : public testing::Test {
 protected:
  static constexpr const char* kPort = FakeMachine::kPort;
  static constexpr const char* kPod = "/run/netns/p1";
  static constexpr const char* kLedger = "run/ports/0000:3b:00.0.json";

  void plug(std::string_view model, RdmaNetnsMode mode = RdmaNetnsMode::exclusive) {
    machine_ = std::make_unique<FakeMachine>(driver_model(model));
    ASSERT_EQ(port().set_vfs(4), 0);
    node().rdma()->mode = mode;
    node().add_netns(kPod);
    restart();
  }

  void restart() {
    Kernel& kernel = machine_->kernel();
    const Dir& sysfs = machine_->sysfs();
    lanes_ =
        std::make_unique<Lanes>(kernel, sysfs, ledger_, aside_, providers(kernel, sysfs, ledger_));
  }

  FakeNode& node() { return machine_->node(); }

  PortModel& port() { return machine_->port(); }

  static std::string vf() { return FakeMachine::vf(0).to_string(); }

  /// Of the lane; in switchdev mode there is none to be had.
  VlanTag vlan() {
    const bool switchdev = port().driver().eswitch == EswitchMode::switchdev;
    return switchdev ? VlanTag() : VlanTag{.id = 100, .qos = 3};
  }

  LaneRequest request(const std::string& container = "c1") {
    LaneRequest wanted;
    wanted.made_of = OfVf{FakeMachine::vf(0)};
    wanted.owner = {.network = "n", .container_id = container, .ifname = "net1", .netns = kPod};
    if (vlan() != VlanTag()) wanted.settings.vlan = vlan();
    wanted.ceiling = BitRate::gbps(2);
    wanted.mtu = 2000;
    wanted.timeout = std::chrono::milliseconds(0);
    return wanted;
  }

  Result<Lane> give(const LaneRequest& wanted) {
    return lanes_->attach(wanted, NetNs::fake(*node().netns_at(kPod)));
  }

  static Result<> no_addresses(const LaneRecord& /*lane*/, Addresses& /*pod*/, int /*link*/) {
    return {};
  }

  std::vector<LaneReturn> bring_back(Look look = Look::all) {
    Result<std::vector<LaneReturn>> news = lanes_->bring_back(kPort, look, no_addresses);
    EXPECT_THAT(news, IsOk());
    return news ? *std::move(news) : std::vector<LaneReturn>();
  }

  LaneRecord record() {
    const Result<PortRecord> port = ledger_.peek(kPort);
    return port && port->lanes.size() == 1 ? port->lanes.front() : LaneRecord();
  }

  FakeLink* in_pod() { return node().find("net1", *node().netns_at(kPod)); }

  /// Where the VF's RDMA device is.
  std::uint64_t netns_of_rdma() {
    for (const auto& [index, device] : node().rdma()->devices) {
      if (device.function == vf()) return device.netns;
    }
    return 0;
  }

  /// Everything is in the pod as it was asked for.
  void expect_in_pod() {
    const FakeLink* const link = in_pod();
    ASSERT_NE(link, nullptr) << "the link is not in the pod";
    EXPECT_TRUE(link->link.up);
    EXPECT_EQ(link->link.mtu, 2000);
    EXPECT_EQ(port().vf(0).info.vlan, vlan());
    EXPECT_EQ(port().programmed(0).ceiling, BitRate::gbps(2));
    const bool moves = node().rdma()->mode == RdmaNetnsMode::exclusive;
    EXPECT_EQ(netns_of_rdma(), moves ? *node().netns_at(kPod) : FakeNode::kHost);
    EXPECT_EQ(record().lost, Lost::nothing);
    EXPECT_THAT(lanes_->check({"c1", "net1"}, NetNs::fake(*node().netns_at(kPod))), IsOk());
  }

  void expect_released() {
    const Result<PortRecord> port = ledger_.peek(kPort);
    ASSERT_THAT(port, IsOk());
    EXPECT_THAT(port->lanes, testing::IsEmpty());
    const FakeLink* const link = node().find("eth0v0");
    ASSERT_NE(link, nullptr) << "the link is not at home under its name";
    EXPECT_FALSE(link->link.up);
    EXPECT_EQ(netns_of_rdma(), FakeNode::kHost);
    EXPECT_EQ(this->port().vf(0).info.vlan, VlanTag());
    EXPECT_EQ(this->port().programmed(0), Rate());
  }

  TempDir dir_{TempDir::kInMemory};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  std::unique_ptr<FakeMachine> machine_;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace sluice
