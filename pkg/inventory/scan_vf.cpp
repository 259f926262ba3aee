#include "pkg/inventory/scan_vf.h"

#include "pkg/base/strings.h"
#include "pkg/inventory/device.h"

namespace sluice {
namespace {

constexpr std::string_view kVfLink = "virtfn";

Result<VfState> state_without_link(const Dir& device, const Vf& vf) {
  if (vf.driver.empty()) return VfState::unbound;
  if (vf.driver == "vfio-pci") return VfState::vfio;
  const bool has_link_elsewhere = TRY(has_net_directory(device, vf.driver));
  return has_link_elsewhere ? VfState::away : VfState::pending;
}

Result<Vf> read_vf(const Dir& device, Vf vf) {
  vf.driver = TRY(driver_of(device));
  vf.link = TRY(link_of(device, vf.driver));
  vf.state = VfState::ready;
  if (vf.link.empty()) vf.state = TRY(state_without_link(device, vf));
  RdmaNames rdma = TRY(rdma_of(device));
  vf.rdma_device = std::move(rdma.device);
  vf.char_devices = std::move(rdma.char_devices);
  if (vf.state == VfState::vfio) {
    const auto group = TRY(device.read_link("iommu_group"));
    if (group) vf.iommu_group = base_name(*group);
  }
  return vf;
}

}  // namespace

Result<std::optional<Vf>> scan_vf(const Dir& port, const std::string& entry) {
  if (!entry.starts_with(kVfLink)) return std::optional<Vf>();
  const auto index = parse_int<int>(std::string_view(entry).substr(kVfLink.size()));
  const auto target = TRY(port.read_link(entry));
  if (!index || !target) return std::optional<Vf>();
  const auto address = PciAddress::parse(base_name(*target));
  if (!address) return std::optional<Vf>();
  Vf vf;
  vf.address = *address;
  vf.index = *index;
  const auto device = TRY(port.open_dir(entry));  // Once, not with every file.
  if (!device) return std::optional<Vf>();
  auto read = read_vf(*device, std::move(vf));
  if (read) return std::optional(std::move(*read));
  if (is_gone(read.error())) return std::optional<Vf>();
  return std::move(read).context("VF {}", address->to_string()).error();
}

}  // namespace sluice
