#include "dra/slices/slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "dra/slices/counters.h"
#include "dra/slices/device_name.h"
#include "dra/slices/port_device.h"
#include "dra/slices/vf_device.h"

namespace sluice::dra {
namespace {

// k8s.io/api/resource/v1/types.go, ResourceSliceMaxDevices,
// ResourceSliceMaxDevicesWithTaintsOrConsumesCounters and ResourceSliceMaxCounterSets.
constexpr std::size_t kMostDevices = 128;
constexpr std::size_t kMostDevicesWithMore = 64;
constexpr std::size_t kMostSets = 8;

std::vector<Device> port_devices(const ClaimNode& node, Omissions& omissions) {
  std::vector<Device> devices;
  for (const ClaimPort& port : node.ports) {
    if (port.vfs == 0) continue;  // All are VFs of classes.
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

void add_vf_devices(const ClaimNode& node, bool has_counters, std::vector<Device>& devices,
                    Omissions& omissions) {
  for (const ClaimVf& vf : node.vfs) {
    if (!has_counters && !vf.is_planned) continue;
    devices.push_back(vf_device(vf, node, omissions));
    if (has_counters) devices.back().consumes = consumed_by(vf, node);
  }
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
  const bool any = std::any_of(devices.begin(), devices.end(), [](const Device& device) {
    return !device.taints.empty() || !device.consumes.empty();
  });
  return any ? kMostDevicesWithMore : kMostDevices;
}

Slice empty_slice(const ClaimNode& node) {
  return {.name = {},
          .driver = node.domain,
          .node = node.name,
          .node_uid = node.uid,
          .pool = node.name,
          .generation = 0,
          .slice_count = 1,
          .counters = {},
          .devices = {}};
}

/// Moves `items` into slices of at most `most`, behind those that are there.
template <typename T>
void add_slices(const ClaimNode& node, std::vector<T> items, std::vector<T> Slice::*in,
                std::size_t most, std::vector<Slice>& slices) {
  for (std::size_t i = 0; i < items.size(); i += most) {
    const auto first = items.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last = items.begin() + static_cast<std::ptrdiff_t>(std::min(i + most, items.size()));
    Slice& slice = slices.emplace_back(empty_slice(node));
    slice.*in = {std::make_move_iterator(first), std::make_move_iterator(last)};
  }
}

}  // namespace

SliceSet make_slices(const ClaimNode& node, const ServerFeatures& features) {
  SliceSet set;
  const bool has_counters = features.counters.value_or(true);
  std::vector<Device> devices;
  if (features.shared_devices.value_or(true)) devices = port_devices(node, set.omissions);
  add_vf_devices(node, has_counters, devices, set.omissions);
  order(devices, set.omissions);
  if (!features.taints.value_or(true)) {
    for (Device& device : devices) device.taints.clear();
  }
  if (has_counters) {
    add_slices(node, counter_sets(node), &Slice::counters, kMostSets, set.slices);
  }
  const std::size_t most = devices_a_slice(devices);
  add_slices(node, std::move(devices), &Slice::devices, most, set.slices);
  if (set.slices.empty()) set.slices.push_back(empty_slice(node));
  for (std::size_t i = 0; i < set.slices.size(); ++i) {
    set.slices[i].name = slice_name(i, node.domain, node.name);
    set.slices[i].slice_count = static_cast<std::int64_t>(set.slices.size());
  }
  std::sort(set.omissions.begin(), set.omissions.end());
  return set;
}

}  // namespace sluice::dra
