#include "pkg/inventory/locate_vf.h"

#include <optional>

#include "pkg/base/strings.h"
#include "pkg/inventory/device.h"

namespace sluice {
namespace {

constexpr std::string_view kVfLink = "virtfn";

Result<PciAddress> port_of(const Dir& device, PciAddress vf) {
  const auto target = TRY(device.read_link("physfn"));
  if (target) return PciAddress::parse(base_name(*target));
  const bool is_port = TRY(device.exists("sriov_totalvfs"));
  return Error(Code::invalid_argument,
               fmt::format("{} is {}", vf.to_string(), is_port ? "a port, not a VF" : "not a VF"));
}

Result<int> number_in(const Dir& directory, const char* file) {
  const auto text = TRY(directory.read(file));
  return text ? parse_int<int>(*text) : Result<int>(0);
}

// Where the port says that its VFs' addresses begin and how far apart they are, as of now: both
// change with the number of VFs. Only a guess, then: the links are the truth.
Result<int> guess_index(const Dir& port_device, PciAddress port, PciAddress vf) {
  const int offset = TRY(number_in(port_device, "sriov_offset"));
  const int stride = TRY(number_in(port_device, "sriov_stride"));
  const std::int64_t beyond_first = vf.functions_after(port) - offset;
  return stride > 0 ? static_cast<int>(beyond_first / stride) : 0;
}

Result<int> index_of(const Dir& port_device, PciAddress port, PciAddress vf,
                     std::optional<int> last) {
  const std::string name = vf.to_string();
  const int likely = last ? *last : TRY(guess_index(port_device, port, vf));
  const auto guessed = TRY(port_device.read_link(fmt::format("{}{}", kVfLink, likely)));
  if (guessed && base_name(*guessed) == name) return likely;
  const auto entries = TRY(port_device.list("."));
  for (const std::string& entry : entries.value_or(std::vector<std::string>())) {
    if (!entry.starts_with(kVfLink)) continue;
    const auto target = TRY(port_device.read_link(entry));
    if (target && base_name(*target) == name) return parse_int<int>(entry.substr(kVfLink.size()));
  }
  return Error(Code::not_found, fmt::format("{} is not among the VFs of its port", name));
}

Result<VfPort> read_port(const Dir& port, PciAddress address) {
  VfPort at;
  at.address = address;
  at.driver = TRY(driver_of(port));
  at.device_id = TRY(pci_id(port, "device"));
  at.link = TRY(link_of(port, at.driver));
  return at;
}

Result<VfLocation> locate(const Dir& sysfs, PciAddress vf, std::optional<int> last) {
  const Dir device = TRY(open_device(sysfs, vf));
  VfLocation at;
  at.vf = vf;
  at.port = TRY(port_of(device, vf));
  const Dir port_device = TRY(open_device(sysfs, at.port));
  at.index = TRY(index_of(port_device, at.port, vf, last));
  VfPort port = TRY(read_port(port_device, at.port));
  at.port_driver = std::move(port.driver);
  at.port_device_id = port.device_id;
  at.port_link = std::move(port.link);
  at.driver = TRY(driver_of(device));
  at.link = TRY(link_of(device, at.driver));
  RdmaNames rdma = TRY(rdma_of(device));
  at.rdma_device = std::move(rdma.device);
  at.char_devices = std::move(rdma.char_devices);
  return at;
}

Result<VfPort> find_port(const Dir& sysfs, PciAddress vf) {
  const Dir device = TRY(open_device(sysfs, vf));
  const PciAddress address = TRY(port_of(device, vf));
  return read_port(TRY(open_device(sysfs, address)), address);
}

// not_found for what vanishes while it is read.
template <typename T>
Result<T> or_gone(PciAddress vf, Result<T> found) {
  if (found || !is_gone(found.error())) return found;
  return Error(
      Code::not_found,
      fmt::format("PCI device {} is going away: {}", vf.to_string(), found.error().message()),
      found.error().sys_errno());
}

}  // namespace

Result<VfLocation> locate_vf(const Dir& sysfs, PciAddress vf) {
  return or_gone(vf, locate(sysfs, vf, std::nullopt));
}

Result<VfLocation> locate_vf(const Dir& sysfs, PciAddress vf, int last_index) {
  return or_gone(vf, locate(sysfs, vf, last_index));
}

Result<VfPort> locate_port_of(const Dir& sysfs, PciAddress vf) {
  return or_gone(vf, find_port(sysfs, vf));
}

}  // namespace sluice
