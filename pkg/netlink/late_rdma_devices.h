#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/netlink/kernel_rdma_devices.h"

namespace sluice {

/// RDMA devices by a socket that is opened at the first call: most attachments never make one.
class LateRdmaDevices final : public RdmaDevices {
 public:
  /// `netns` must outlive this object.
  explicit LateRdmaDevices(const NetNs& netns) : netns_(netns) {}

  Result<std::vector<RdmaDevice>> list() override;
  Result<RdmaNetnsMode> netns_mode() override;
  Result<std::optional<RdmaCharDevice>> char_device(std::uint32_t index,
                                                    const std::string& type) override;
  Result<std::optional<int>> link_of(std::uint32_t index) override;
  Result<> move_to(std::uint32_t index, const NetNs& target) override;

 private:
  Result<KernelRdmaDevices*> opened();

  const NetNs& netns_;
  std::optional<KernelRdmaDevices> devices_;
};

}  // namespace sluice
