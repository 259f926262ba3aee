#include "dra/slices/vf_device.h"

#include <algorithm>

#include "dra/slices/device_name.h"
#include "dra/slices/port_device.h"
#include "pkg/base/pci_address.h"

namespace sluice::dra {

Device vf_device(const ClaimVf& vf, const ClaimNode& node, Omissions& omissions) {
  Device device{.name = vf_device_name(vf.name, vf.class_name),
                .is_shared = false,
                .attributes = {},
                .capacity = {},
                .taints = {},
                .consumes = {}};
  if (!vf.rate.floor.is_zero()) {
    device.capacity[kBandwidth] = {.value = vf.rate.floor.as_bits_per_second(), .policy = {}};
  }
  add_attribute(device, "kind", "vf", omissions);
  add_attribute(device, "class", vf.class_name, omissions);
  if (!vf.rate.ceiling.is_zero()) {
    add_attribute(device, "ceilingMbps", static_cast<std::int64_t>(vf.rate.ceiling.as_mbps_floor()),
                  omissions);
  }
  if (const Result<PciAddress> address = PciAddress::parse(vf.name)) {
    add_attribute(device, "resource.kubernetes.io/pciBusID", address->to_string(), omissions);
  }
  const auto port = std::find_if(node.ports.begin(), node.ports.end(),
                                 [&](const ClaimPort& each) { return each.share.name == vf.port; });
  add_attribute(device, "port", vf.port, omissions);
  if (port != node.ports.end()) {
    add_port_attributes(*port, device, omissions);
    device.taints = taints_of(*port, node.domain);
  }
  if (!vf.is_usable) device.taints.push_back(no_schedule(node.domain, "unusable"));
  add_attribute(device, "network", vf.network, omissions);
  return device;
}

}  // namespace sluice::dra
