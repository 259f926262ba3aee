#include "dra/slices/port_device.h"

#include <algorithm>
#include <optional>

#include "dra/slices/device_name.h"
#include "pkg/bandwidth/admission.h"
#include "pkg/bandwidth/capability.h"
#include "pkg/base/pci_address.h"

namespace sluice::dra {
namespace {

constexpr const char* kNoSchedule = "NoSchedule";

ValidRange range_of(const DriverCapability& capability, BitRate least, BitRate usable) {
  const BitRate bound = capability.most.is_zero() ? usable : std::min(usable, capability.most);
  const BitRate most = least + (bound - least).rounded_down(capability.step);
  // The server refuses a step that leads from the least above the capacity.
  const bool has_steps = least + capability.step <= usable;
  return {.min = least.as_bits_per_second(),
          .max = most.as_bits_per_second(),
          .step = has_steps ? capability.step.as_bits_per_second() : 0};
}

/// nullopt where the port keeps no floors.
Result<std::optional<Capacity>> bandwidth_of(const NodePort& share) {
  const DriverCapability& capability = capability_of(share);
  if (capability.floor == FloorEnforcement::none) return std::optional<Capacity>();
  const BitRate least = effective_promise(capability, BitRate::bits_per_second(1));
  TRY(validate(capability, share.line_rate, {.floor = least, .ceiling = {}}));
  if (least > share.usable) {
    return Error(Code::exhausted, fmt::format("claims may be promised {}, the least floor is {}",
                                              to_string(share.usable), to_string(least)));
  }
  const ValidRange range = range_of(capability, least, share.usable);
  return std::optional(Capacity{
      .value = share.usable.as_bits_per_second(),
      .policy = RequestPolicy{.otherwise = range.min, .valid_values = {}, .valid_range = range}});
}

/// As many as the share has; each claim consumes one, for a share is a lane.
Capacity vfs_of(const ClaimPort& port) {
  return {.value = static_cast<std::uint64_t>(port.vfs),
          .policy = RequestPolicy{.otherwise = 1, .valid_values = {1}, .valid_range = {}}};
}

}  // namespace

void add_port_attributes(const ClaimPort& port, Device& device, Omissions& omissions) {
  const NodePort& share = port.share;
  const DriverCapability& capability = capability_of(share);
  const auto add = [&](std::string_view name, AttributeValue value) {
    add_attribute(device, name, std::move(value), omissions);
  };
  if (share.numa_node) {
    // Standard from Kubernetes 1.37 (KEP-6072); older servers let any name pass.
    add("resource.kubernetes.io/numaNode", std::int64_t{*share.numa_node});
  }
  add("resource.kubernetes.io/pcieRoot", port.pcie_root);
  add("port", share.name);  // What lanes of one port have in common, in either model.
  add("link", share.link);
  add("linkType", std::string(to_string(share.medium)));
  add("driver", port.driver);
  add("eswitchMode", port.eswitch_mode);
  add("floorEnforcement", std::string(to_string(capability.floor)));
  add("ceilingEnforcement", std::string(to_string(capability.ceiling)));
  add("carrier", port.carrier);
  if (!share.line_rate.is_zero()) {
    add("lineRateMbps", static_cast<std::int64_t>(share.line_rate.as_mbps_floor()));
  }
}

Taint no_schedule(const std::string& domain, const char* reason) {
  return {.key = domain + "/" + reason, .value = {}, .effect = kNoSchedule, .time_added = {}};
}

std::vector<Taint> taints_of(const ClaimPort& port, const std::string& domain) {
  std::vector<Taint> taints;
  if (!port.carrier) taints.push_back(no_schedule(domain, "link-down"));
  if (!port.trouble.empty()) taints.push_back(no_schedule(domain, "unusable"));
  if (port.share.promised > port.share.usable) {
    taints.push_back(no_schedule(domain, "overcommitted"));
  }
  return taints;
}

Result<Device> port_device(const ClaimPort& port, const std::string& domain, Omissions& omissions) {
  if (port.vfs <= 0) return Error(Code::not_found, "no VF is for claims");
  const std::optional<Capacity> bandwidth = TRY(bandwidth_of(port.share));
  Device device{.name = port_device_name(port.share.name),
                .is_shared = true,
                .attributes = {},
                .capacity = {{kVfs, vfs_of(port)}},
                .taints = taints_of(port, domain),
                .consumes = {}};
  if (bandwidth) device.capacity.emplace(kBandwidth, *bandwidth);
  add_attribute(device, "kind", "port", omissions);
  add_port_attributes(port, device, omissions);
  if (const Result<PciAddress> address = PciAddress::parse(port.share.name)) {
    add_attribute(device, "resource.kubernetes.io/pciBusID", address->to_string(), omissions);
  }
  add_attribute(device, "rdmaDevice", port.rdma_device, omissions);
  add_attribute(device, "network", port.network, omissions);
  return device;
}

}  // namespace sluice::dra
