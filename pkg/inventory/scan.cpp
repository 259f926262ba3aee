#include "pkg/inventory/scan.h"

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/inventory/device.h"
#include "pkg/inventory/scan_vf.h"

namespace sluice {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kDevices = "bus/pci/devices";
constexpr std::string_view kBelow = "/devices/";

// Class 02 is network (0207 InfiniBand), 0c06 InfiniBand by an older code (linux/pci_ids.h).
bool is_network_class(std::string_view text) {
  return text.starts_with("0x02") || text.starts_with("0x0c06");
}

Result<std::string> text_of(const Dir& device, const std::string& path) {
  auto text = TRY(device.read(path));
  return std::move(text).value_or(std::string());
}

// First component below devices/ of the real path: "pci0000:3a".
Result<std::string> pcie_root(const Dir& sysfs, PciAddress address) {
  const auto target = TRY(sysfs.read_link(device_path(address)));
  const auto at = target ? target->find(kBelow) : std::string::npos;
  if (at == std::string::npos) return std::string();
  const std::string below = target->substr(at + kBelow.size());
  return below.starts_with("pci") ? below.substr(0, below.find('/')) : std::string();
}

LinkType link_type(std::string_view arphrd) {
  if (arphrd == "1") return LinkType::ethernet;     // ARPHRD_ETHER (linux/if_arp.h)
  if (arphrd == "32") return LinkType::infiniband;  // ARPHRD_INFINIBAND
  return LinkType::unknown;
}

// A link that is down answers EINVAL: there is no carrier then either.
Result<bool> carrier_of(const Dir& device, const std::string& link) {
  const auto text = device.read(link + "/carrier");
  if (!text && text.error().code() == Code::invalid_argument) return false;
  if (!text) return text.error();
  return *text == "1";
}

Result<> read_link_facts(const Dir& device, Port& port) {
  const auto path = TRY(link_path(device, port.driver));
  port.line_rate = TRY(line_rate_of(device, path.value_or(std::string())));
  if (!path) {
    const bool elsewhere = TRY(has_net_directory(device, port.driver));
    port.state = elsewhere ? PortState::away : PortState::no_link;
    if (port.driver.empty()) port.state = PortState::unbound;
    return {};
  }
  port.state = PortState::ready;
  port.link = base_name(*path);
  port.carrier = TRY(carrier_of(device, *path));
  port.link_type = link_type(TRY(text_of(device, *path + "/type")));
  const auto master = TRY(device.read_link(*path + "/master"));
  if (master) port.bond = base_name(*master);
  return {};
}

Result<> read_vfs(const Dir& device, Port& port) {
  const auto entries = TRY(device.list("."));
  for (const std::string& entry : entries.value_or(Names{})) {
    auto vf = TRY(scan_vf(device, entry));
    if (vf) port.vfs.push_back(std::move(*vf));
  }
  std::sort(port.vfs.begin(), port.vfs.end(),
            [](const Vf& a, const Vf& b) { return a.index < b.index; });
  return {};
}

Result<Port> read_port(const Dir& sysfs, const Dir& device, PciAddress address) {
  Port port;
  port.address = address;
  port.driver = TRY(driver_of(device));
  port.vendor_id = TRY(pci_id(device, "vendor"));
  port.device_id = TRY(pci_id(device, "device"));
  port.total_vfs = parse_int<int>(TRY(text_of(device, "sriov_totalvfs"))).value_or(0);
  const auto node = parse_int<int>(TRY(text_of(device, "numa_node")));
  if (node && *node >= 0) port.numa_node = *node;
  port.pcie_root = TRY(pcie_root(sysfs, address));
  TRY(read_link_facts(device, port));
  RdmaNames rdma = TRY(rdma_of(device));
  port.rdma_device = std::move(rdma.device);
  port.char_devices = std::move(rdma.char_devices);
  if (port.link_type == LinkType::unknown && port.link.empty() && port.line_rate) {
    port.link_type = LinkType::infiniband;  // Only InfiniBand has a rate without a link.
  }
  TRY(read_vfs(device, port));
  return port;
}

// The name by which netlink knows the parent of the VF's link.
Result<std::string> parent_device(const Dir& sysfs, const Vf& vf) {
  if (vf.driver != "virtio-pci") return vf.address.to_string();
  const auto names = TRY(sysfs.list(device_path(vf.address)));
  for (const std::string& name : names.value_or(Names{})) {
    if (name.starts_with("virtio")) return name;
  }
  return vf.address.to_string();
}

Result<> add_away_links(const Dir& sysfs, const AwayLinkFinder& find_away, Inventory& inventory) {
  Names parents;
  std::vector<Vf*> vfs;
  for (Port& port : inventory.ports) {
    for (Vf& vf : port.vfs) {
      if (vf.state != VfState::away) continue;
      parents.push_back(TRY(parent_device(sysfs, vf)));
      vfs.push_back(&vf);
    }
  }
  if (vfs.empty()) return {};
  const auto links = TRY(find_away(parents).context("look for links in other namespaces"));
  for (const AwayLink& link : links) {
    const auto at = std::find(parents.begin(), parents.end(), link.parent_device);
    if (at == parents.end()) continue;
    Vf& vf = *vfs[static_cast<std::size_t>(at - parents.begin())];
    vf.link = link.name;
    vf.netns_cookie = link.netns_cookie;
  }
  return {};
}

}  // namespace

Result<std::optional<Port>> scan_port(const Dir& sysfs, PciAddress address) {
  const auto read = [&]() -> Result<std::optional<Port>> {
    const auto device = TRY(sysfs.open_dir(device_path(address)));
    if (!device) return std::optional<Port>();
    const bool has_vfs = TRY(device->exists("sriov_totalvfs"));
    if (!has_vfs || !is_network_class(TRY(text_of(*device, "class")))) return std::optional<Port>();
    return std::optional(TRY(read_port(sysfs, *device, address)));
  };
  auto port = read();
  if (port) return port;
  if (is_gone(port.error())) return std::optional<Port>();
  return std::move(port).context("port {}", address.to_string());
}

Result<Inventory> scan(const Dir& sysfs, const AwayLinkFinder& find_away) {
  const auto devices = TRY(sysfs.list(kDevices));
  if (!devices) return Error(Code::not_found, fmt::format("no '{}' in this sysfs", kDevices));
  Inventory inventory;
  for (const std::string& name : *devices) {
    const auto address = PciAddress::parse(name);
    const auto is_port = sysfs.exists(fmt::format("{}/{}/sriov_totalvfs", kDevices, name));
    if (!address || !is_port || !*is_port) continue;
    auto port = scan_port(sysfs, *address);
    if (!port) {
      inventory.problems.push_back(port.error().message());
    } else if (*port) {
      inventory.ports.push_back(std::move(**port));
    }
  }
  if (find_away) TRY(add_away_links(sysfs, find_away, inventory));
  return inventory;
}

}  // namespace sluice
