#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pkg/netlink/kernel.h"
#include "pkg/netlink/kernel_devlink.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/late_rdma_devices.h"
#include "pkg/netlink/late_traffic_control.h"

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

  RdmaDevices& rdma() override { return rdma_; }

  TrafficControl& traffic_control() override { return traffic_control_; }

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
  LateRdmaDevices rdma_{host_};
  LateTrafficControl traffic_control_{host_};

  std::optional<KernelDevlink> devlink_;
};

}  // namespace sluice
