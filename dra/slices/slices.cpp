#include "dra/slices/slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "dra/slices/device_name.h"
#include "dra/slices/port_device.h"
#include "dra/slices/vf_device.h"

namespace sluice::dra {
namespace {

// k8s.io/api/resource/v1/types.go, ResourceSliceMaxDevices and
// ResourceSliceMaxDevicesWithTaintsOrConsumesCounters.
constexpr std::size_t kMostDevices = 128;
constexpr std::size_t kMostTaintedDevices = 64;

std::vector<Device> port_devices(const ClaimNode& node, Omissions& omissions) {
  std::vector<Device> devices;
  for (const ClaimPort& port : node.ports) {
    Result<Device> device = port_device(port, node.domain, omissions);
    if (device) {
      devices.push_back(*std::move(device));
    } else {
      omissions.push_back(
          fmt::format("port {} is not published: {}", label(port.share), device.error().message()));
    }
  }
  return devices;
}

std::vector<Device> vf_devices(const ClaimNode& node, Omissions& omissions) {
  std::vector<Device> devices;
  for (const ClaimVf& vf : node.vfs) devices.push_back(vf_device(vf, node, omissions));
  return devices;
}

/// By name, each name once: the server checks that in one slice only, the scheduler in the pool.
void order(std::vector<Device>& devices, Omissions& omissions) {
  std::stable_sort(devices.begin(), devices.end(),
                   [](const Device& a, const Device& b) { return a.name < b.name; });
  const auto same = [&](const Device& a, const Device& b) {
    if (a.name != b.name) return false;
    omissions.push_back(fmt::format("{}: another device has this name", b.name));
    return true;
  };
  devices.erase(std::unique(devices.begin(), devices.end(), same), devices.end());
}

/// In all slices alike, so that a taint that comes or goes moves as few devices as can be.
std::size_t devices_a_slice(const std::vector<Device>& devices) {
  const bool any = std::any_of(devices.begin(), devices.end(),
                               [](const Device& device) { return !device.taints.empty(); });
  return any ? kMostTaintedDevices : kMostDevices;
}

}  // namespace

SliceSet make_slices(const ClaimNode& node, const ServerFeatures& features) {
  SliceSet set;
  std::vector<Device> devices = features.shared_devices.value_or(true)
                                    ? port_devices(node, set.omissions)
                                    : vf_devices(node, set.omissions);
  order(devices, set.omissions);
  if (!features.taints.value_or(true)) {
    for (Device& device : devices) device.taints.clear();
  }
  const std::size_t most = devices_a_slice(devices);
  const std::size_t count = std::max<std::size_t>(1, (devices.size() + most - 1) / most);
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = devices.begin() + static_cast<std::ptrdiff_t>(i * most);
    const auto last = i + 1 == count ? devices.end() : first + static_cast<std::ptrdiff_t>(most);
    set.slices.push_back(
        {.name = slice_name(i, node.domain, node.name),
         .driver = node.domain,
         .node = node.name,
         .node_uid = node.uid,
         .pool = node.name,
         .generation = 0,
         .slice_count = static_cast<std::int64_t>(count),
         .devices = {std::make_move_iterator(first), std::make_move_iterator(last)}});
  }
  std::sort(set.omissions.begin(), set.omissions.end());
  return set;
}

}  // namespace sluice::dra
