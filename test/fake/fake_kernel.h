#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pkg/netlink/kernel.h"
#include "test/fake/fake_devlink.h"
#include "test/fake/fake_links.h"
#include "test/fake/fake_node.h"
#include "test/fake/fake_traffic_control.h"

namespace sluice {

/// A node's kernel in memory. The world is node(), what was asked of it and what is to go wrong is
/// log(). Looking for namespaces is logged too: "kernel: find_netns '/run/netns/pod'".
///
///     FakeKernel kernel;
///     const int port = kernel.node().add_port({.name = "pf0", .parent_bus = "pci", …}, 4);
///     kernel.node().add_link({.name = "vf0", .parent_bus = "pci", .parent_device = "0000:…"});
///     const auto pod = kernel.node().add_netns("/run/netns/pod");
///     kernel.log().fail_on("set_vf", Error::from_errno(EINVAL, "set VF 0 of link 2"));
class FakeKernel final : public Kernel {
 public:
  FakeKernel() : links_(node_, FakeNode::kHost), rdma_(node_.rdma(), FakeNode::kHost) {}

  FakeNode& node() { return node_; }

  RequestLog& log() { return node_.log(); }

  const NetNs& host() const override { return host_; }

  Links& links() override { return links_; }

  Result<RdmaDevices*> rdma() override { return &rdma_; }

  Result<TrafficControl*> traffic_control() override { return &traffic_control_; }

  FakeQueueing& queueing() { return *queueing_; }

  FakeDevlink& fake_devlink() { return devlink_; }

  Result<Devlink*> devlink() override { return &devlink_; }

  Result<std::optional<NetNs>> find_netns(const std::string& path) override;
  Result<std::optional<NetNs>> find_netns_holding(const std::string& parent_device) override;
  Result<std::unique_ptr<Links>> links_in(const NetNs& netns) override;
  Result<std::unique_ptr<Addresses>> addresses_in(const NetNs& netns) override;
  Result<std::unique_ptr<RdmaDevices>> rdma_in(const NetNs& netns) override;

 private:
  FakeNode node_;
  NetNs host_ = NetNs::fake(FakeNode::kHost);
  FakeLinks links_;
  FakeRdmaDevices rdma_;
  std::shared_ptr<FakeQueueing> queueing_ =
      std::make_shared<FakeQueueing>([this](int index) { return node_.find(index) != nullptr; });
  FakeTrafficControl traffic_control_{queueing_};

  FakeDevlink devlink_;
};

}  // namespace sluice
