#include "plugin/device_pod_lanes.h"

#include <algorithm>
#include <thread>
#include <tuple>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/kubelet/device_checkpoint.h"

namespace sluice::plugin {
namespace {

using Clock = std::chrono::steady_clock;

// The kubelet lets five more calls through meanwhile.
constexpr std::chrono::milliseconds kPause{50};

bool is_passing(const Error& error) {
  return error.code() == Code::busy || error.code() == Code::exhausted ||
         error.code() == Code::timed_out;
}

// By resource and address within each container; containers stay where they are.
void sort_within_containers(std::vector<PodDevice>& devices) {
  for (auto first = devices.begin(); first != devices.end();) {
    const auto end = std::find_if(first, devices.end(), [&](const PodDevice& device) {
      return device.container != first->container;
    });
    std::sort(first, end, [](const PodDevice& a, const PodDevice& b) {
      return std::tie(a.resource, a.id) < std::tie(b.resource, b.id);
    });
    first = end;
  }
}

}  // namespace

Result<std::vector<PodLane>> lanes_among(std::vector<PodDevice> devices,
                                         const std::string& domain) {
  const std::string prefix = domain + "/";
  const std::string token = fmt::format("{}{}", prefix, kTokenResource);
  sort_within_containers(devices);
  std::vector<PodLane> lanes;
  for (const PodDevice& device : devices) {
    const bool is_vf = device.resource.starts_with(prefix) && device.resource != token;
    if (!is_vf) continue;
    const Result<PciAddress> vf = PciAddress::parse(device.id);
    if (!vf) {
      return Error(Code::internal,
                   fmt::format("device {} of {} is no VF", in_quotes(device.id), device.resource));
    }
    const bool known = std::any_of(lanes.begin(), lanes.end(),
                                   [&](const PodLane& lane) { return lane.vf == *vf; });
    if (known) continue;
    lanes.push_back({.vf = *vf, .class_name = device.resource.substr(prefix.size()), .ifname = {}});
  }
  return lanes;
}

Result<std::vector<PodDevice>> DevicePodLanes::devices_of(const std::string& pod) {
  const auto deadline = Clock::now() + settings_.timeout;
  for (;;) {
    Result<std::vector<PodDevice>> devices = kubelet_.devices_of(pod, settings_.limit);
    if (devices || !is_passing(devices.error())) return devices;
    const bool is_over = Clock::now() + kPause > deadline || settings_.stop.stop_requested();
    if (is_over) return Error(Code::busy, devices.error().message());
    std::this_thread::sleep_for(kPause);
  }
}

void DevicePodLanes::add_checkpoint(const std::string& pod_uid,
                                    std::vector<PodDevice>& devices) const {
  if (pod_uid.empty()) return;
  const auto kept = read_device_checkpoint(settings_.checkpoint);
  if (!kept) return;
  for (const CheckpointDevice& each : *kept) {
    const bool is_listed = std::ranges::any_of(devices, [&](const PodDevice& device) {
      return device.resource == each.resource && device.id == each.id;
    });
    if (each.pod_uid != pod_uid || is_listed) continue;
    devices.push_back(
        {.pod = {}, .container = each.container, .resource = each.resource, .id = each.id});
  }
}

Result<std::vector<PodLane>> DevicePodLanes::lanes_of(const PodId& pod) {
  const std::string name = fmt::format("{}/{}", pod.name_space, pod.name);
  std::vector<PodDevice> devices = TRY(devices_of(name));
  add_checkpoint(pod.uid, devices);
  return lanes_among(std::move(devices), settings_.domain);
}

}  // namespace sluice::plugin
