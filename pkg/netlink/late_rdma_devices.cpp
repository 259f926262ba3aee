#include "pkg/netlink/late_rdma_devices.h"

namespace sluice {

Result<KernelRdmaDevices*> LateRdmaDevices::opened() {
  if (!devices_) devices_.emplace(TRY(KernelRdmaDevices::open(netns_)));
  return &*devices_;
}

Result<std::vector<RdmaDevice>> LateRdmaDevices::list() {
  return TRY(opened())->list();
}

Result<RdmaNetnsMode> LateRdmaDevices::netns_mode() {
  return TRY(opened())->netns_mode();
}

Result<std::optional<RdmaCharDevice>> LateRdmaDevices::char_device(std::uint32_t index,
                                                                   const std::string& type) {
  return TRY(opened())->char_device(index, type);
}

Result<std::optional<int>> LateRdmaDevices::link_of(std::uint32_t index) {
  return TRY(opened())->link_of(index);
}

Result<> LateRdmaDevices::move_to(std::uint32_t index, const NetNs& target) {
  return TRY(opened())->move_to(index, target);
}

}  // namespace sluice
