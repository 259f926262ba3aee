#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pkg/netlink/kernel.h"
#include "pkg/netlink/kernel_devlink.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/kernel_rdma_devices.h"
#include "pkg/netlink/kernel_traffic_control.h"

namespace sluice {

/// The kernel we run on. Its host namespace is the one of the thread that opened it. Each of the
/// …_in functions enters the namespace for the moment in which it opens a socket there.
class LiveKernel final : public Kernel {
 public:
  static Result<std::unique_ptr<LiveKernel>> open();

  LiveKernel(const LiveKernel&) = delete;
  LiveKernel& operator=(const LiveKernel&) = delete;
  ~LiveKernel() override = default;

  const NetNs& host() const override { return host_; }

  Links& links() override { return links_; }

  Result<RdmaDevices*> rdma() override;
  Result<TrafficControl*> traffic_control() override;
  Result<Devlink*> devlink() override;
  Result<std::optional<NetNs>> find_netns(const std::string& path) override;
  Result<std::optional<NetNs>> find_netns_holding(const std::string& parent_device) override;
  Result<std::unique_ptr<Links>> links_in(const NetNs& netns) override;
  Result<std::unique_ptr<Addresses>> addresses_in(const NetNs& netns) override;
  Result<std::unique_ptr<RdmaDevices>> rdma_in(const NetNs& netns) override;

 private:
  LiveKernel(NetNs host, KernelLinks links) : host_(std::move(host)), links_(std::move(links)) {}

  NetNs host_;
  KernelLinks links_;
  std::optional<KernelRdmaDevices> rdma_;
  std::optional<KernelTrafficControl> traffic_control_;
  std::optional<KernelDevlink> devlink_;
};

}  // namespace sluice
