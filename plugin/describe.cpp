#include "plugin/describe.h"

#include <fmt/format.h>

#include <utility>

namespace sluice::plugin {

std::string trouble_of(const Port& port) {
  const std::string name = port.address.to_string();
  switch (port.state) {
    case PortState::unbound: return fmt::format("port {} has no driver", name);
    case PortState::no_link: return fmt::format("port {} has no link", name);
    case PortState::away: return fmt::format("port {} is in another network namespace", name);
    case PortState::ready: break;
  }
  return "";
}

std::string trouble_of(const Vf& vf) {
  switch (vf.state) {
    case VfState::unbound: return "no driver is bound to it";
    case VfState::pending: return fmt::format("its driver {} has made no link", vf.driver);
    case VfState::ready:
    case VfState::away:
    case VfState::vfio: break;
  }
  return "";
}

Device describe(const Port& port, const Vf& vf) {
  std::string trouble = trouble_of(vf);
  if (trouble.empty()) trouble = trouble_of(port);
  const bool awaits_carrier = trouble.empty() && !port.carrier;
  if (awaits_carrier) trouble = fmt::format("port {} has no carrier", port.address.to_string());
  return {.id = vf.address.to_string(),
          .port = port.address.to_string(),
          .unhealthy = std::move(trouble),
          .awaits_carrier = awaits_carrier,
          .taken = {},
          .withdrawn = false,
          .numa_node = port.numa_node,
          .rdma_device = vf.rdma_device,
          .char_devices = vf.char_devices,
          .vfio_group = vf.iommu_group};
}

}  // namespace sluice::plugin
