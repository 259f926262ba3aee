#include "pkg/inventory/device.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

using Names = std::vector<std::string>;

// A representor's phys_port_name is like "pf0vf3"; an uplink's "p0", behind a controller "c1p0"
// (Documentation/networking/representors.rst).
bool is_uplink_name(std::string_view name) {
  if (name.size() >= 2 && name[0] == 'c') name.remove_prefix(std::min(name.find('p'), name.size()));
  return name.size() >= 2 && name[0] == 'p' &&
         name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// Drivers that are no eswitch answer EOPNOTSUPP.
Result<bool> is_representor(const Dir& device, const std::string& link) {
  const auto name = device.read(link + "/phys_port_name");
  if (!name) {
    if (name.error().code() == Code::unsupported) return false;
    return name.error();
  }
  return name->has_value() && !(*name)->empty() && !is_uplink_name(**name);
}

Result<int> dev_port_of(const Dir& device, const std::string& link) {
  const auto text = TRY(device.read(link + "/dev_port"));
  return text ? parse_int<int>(*text) : Result<int>(0);
}

// Directories in which links of this function may be listed.
Result<Names> net_directories(const Dir& device, const std::string& driver) {
  if (driver != "virtio-pci") return Names{"net"};
  Names found;
  const auto names = TRY(device.list("."));
  for (const std::string& name : names.value_or(Names())) {
    if (name.starts_with("virtio")) found.push_back(name + "/net");
  }
  return found;
}

// "100 Gb/sec (4X EDR)", "2.5 Gb/sec (1X SDR)" (ib_port rate_show).
std::optional<BitRate> parse_rate(std::string_view text) {
  const std::string_view number = text.substr(0, text.find(' '));
  if (!text.substr(number.size()).starts_with(" Gb/sec")) return std::nullopt;
  const auto dot = number.find('.');
  const auto whole = parse_int<std::uint64_t>(number.substr(0, dot));
  if (!whole || *whole > 1'000'000) return std::nullopt;
  if (dot == std::string_view::npos) return BitRate::gbps(*whole);
  const auto tenths = parse_int<std::uint64_t>(number.substr(dot + 1));
  if (!tenths || *tenths > 9) return std::nullopt;
  return BitRate::mbps(*whole * 1000 + *tenths * 100);
}

// Mbit/s; -1 when unknown. A link that is down answers EINVAL (net/core/net-sysfs.c).
Result<std::optional<BitRate>> ethernet_rate(const Dir& device, const std::string& link) {
  const auto text = device.read(link + "/speed");
  if (!text && text.error().sys_errno() == EINVAL) return std::optional<BitRate>();
  if (!text) return text.error();
  if (!text->has_value()) return std::optional<BitRate>();
  const auto speed = parse_int<std::int32_t>(**text);
  if (!speed || *speed <= 0) return std::optional<BitRate>();
  return std::optional(BitRate::mbps(static_cast<std::uint64_t>(*speed)));
}

Result<std::optional<BitRate>> infiniband_rate(const Dir& device) {
  const auto names = TRY(device.list("infiniband"));
  if (!names || names->empty()) return std::optional<BitRate>();
  const auto text = TRY(device.read("infiniband/" + names->front() + "/ports/1/rate"));
  return text ? parse_rate(*text) : std::optional<BitRate>();
}

}  // namespace

std::string device_path(PciAddress address) {
  return "bus/pci/devices/" + address.to_string();
}

Result<Dir> open_device(const Dir& sysfs, PciAddress address) {
  auto device = TRY(sysfs.open_dir(device_path(address)));
  if (!device) return Error(Code::not_found, fmt::format("no PCI device {}", address.to_string()));
  return *std::move(device);
}

Result<std::string> driver_of(const Dir& device) {
  const auto target = TRY(device.read_link("driver"));
  return target ? base_name(*target) : std::string();
}

Result<std::uint16_t> pci_id(const Dir& device, const char* name) {
  const std::string text = TRY(device.read(name)).value_or(std::string());
  std::string_view digits = text;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  std::uint16_t id = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
  return id;
}

Result<std::optional<std::string>> link_path(const Dir& device, const std::string& driver) {
  Names links;
  const Names directories = TRY(net_directories(device, driver));
  for (const std::string& directory : directories) {
    const auto names = TRY(device.list(directory));
    if (names && names->size() == 1) {
      return std::optional(fmt::format("{}/{}", directory, names->front()));
    }
    for (const std::string& name : names.value_or(Names())) {
      links.push_back(fmt::format("{}/{}", directory, name));
    }
  }
  std::optional<std::string> best;
  int best_port = 0;
  for (const std::string& link : links) {
    if (TRY(is_representor(device, link))) continue;
    const int port = TRY(dev_port_of(device, link));
    if (port == 0) return std::optional(link);  // None has less; leave the others unread.
    if (best && port >= best_port) continue;
    best = link;
    best_port = port;
  }
  return best;
}

Result<std::string> link_of(const Dir& device, const std::string& driver) {
  const auto path = TRY(link_path(device, driver));
  return path ? base_name(*path) : std::string();
}

Result<bool> has_net_directory(const Dir& device, const std::string& driver) {
  const Names directories = TRY(net_directories(device, driver));
  for (const std::string& directory : directories) {
    if (TRY(device.exists(directory))) return true;
  }
  return false;
}

Result<RdmaNames> rdma_of(const Dir& device) {
  RdmaNames rdma;
  const std::string verbs = "infiniband_verbs";
  const auto uverbs = TRY(device.list(verbs));
  for (const std::string& name : uverbs.value_or(Names())) {
    const auto owner = TRY(device.read(fmt::format("{}/{}/ibdev", verbs, name)));
    if (!owner || (!rdma.device.empty() && rdma.device != *owner)) continue;
    rdma.device = *owner;
    rdma.char_devices.push_back(name);
  }
  if (rdma.device.empty()) return rdma;
  const auto mads = TRY(device.list("infiniband_mad"));
  for (const std::string& name : mads.value_or(Names())) rdma.char_devices.push_back(name);
  return rdma;
}

Result<std::optional<BitRate>> line_rate_of(const Dir& device, const std::string& link) {
  if (!link.empty()) {
    const auto rate = TRY(ethernet_rate(device, link));
    if (rate) return rate;
  }
  return infiniband_rate(device);
}

Result<std::optional<std::uint64_t>> carrier_changes_of(const Dir& device,
                                                        const std::string& link) {
  const auto text = TRY(device.read(link + "/carrier_changes"));
  if (!text) return std::optional<std::uint64_t>();
  return std::optional(TRY(parse_int<std::uint64_t>(*text)));
}

Result<std::optional<BitRate>> line_rate(const Dir& sysfs, PciAddress port) {
  const Dir device = TRY(open_device(sysfs, port));
  const std::string driver = TRY(driver_of(device));
  const auto link = TRY(link_path(device, driver));
  return line_rate_of(device, link.value_or(std::string()));
}

Result<std::optional<std::uint64_t>> carrier_changes(const Dir& sysfs, PciAddress port) {
  const Dir device = TRY(open_device(sysfs, port));
  const std::string driver = TRY(driver_of(device));
  const auto link = TRY(link_path(device, driver));
  return link ? carrier_changes_of(device, *link) : std::optional<std::uint64_t>();
}

}  // namespace sluice
