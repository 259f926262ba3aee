#include "plugin/pod_devices.h"

#include "pkg/rpc/channel.h"
#include "proto/podresources_v1.grpc.pb.h"

namespace sluice::plugin {
namespace {

std::string name_of(const v1::PodResources& pod) {
  return fmt::format("{}/{}", pod.namespace_(), pod.name());
}

void append(const v1::PodResources& pod, std::vector<PodDevice>& devices) {
  const std::string name = name_of(pod);
  for (const v1::ContainerResources& container : pod.containers()) {
    // One resource can have several entries, by NUMA node.
    for (const v1::ContainerDevices& held : container.devices()) {
      for (const std::string& id : held.device_ids()) {
        devices.push_back({.pod = name,
                           .container = container.name(),
                           .resource = held.resource_name(),
                           .id = id});
      }
    }
  }
}

Result<v1::ListPodResourcesResponse> list(const std::string& socket,
                                          std::chrono::milliseconds limit) {
  v1::PodResourcesLister::Stub stub(unix_channel(socket));
  return call(stub, &v1::PodResourcesLister::Stub::List, v1::ListPodResourcesRequest(), limit,
              "list pod resources");
}

}  // namespace

Result<std::vector<PodDevice>> list_pod_devices(const std::string& socket,
                                                std::chrono::milliseconds limit) {
  const v1::ListPodResourcesResponse response = TRY(list(socket, limit));
  std::vector<PodDevice> devices;
  for (const v1::PodResources& pod : response.pod_resources()) append(pod, devices);
  return devices;
}

Result<std::vector<KnownDevice>> list_known_devices(const std::string& socket,
                                                    std::chrono::milliseconds limit) {
  v1::PodResourcesLister::Stub stub(unix_channel(socket));
  const v1::AllocatableResourcesResponse response =
      TRY(call(stub, &v1::PodResourcesLister::Stub::GetAllocatableResources,
               v1::AllocatableResourcesRequest(), limit, "list what is allocatable"));
  std::vector<KnownDevice> devices;
  for (const v1::ContainerDevices& known : response.devices()) {
    for (const std::string& id : known.device_ids()) {
      devices.push_back({.resource = known.resource_name(), .id = id});
    }
  }
  return devices;
}

Result<std::vector<PodDevice>> list_devices_of(const std::string& pod, const std::string& socket,
                                               std::chrono::milliseconds limit) {
  const v1::ListPodResourcesResponse response = TRY(list(socket, limit));
  std::vector<PodDevice> devices;
  int found = 0;
  for (const v1::PodResources& each : response.pod_resources()) {
    if (name_of(each) != pod) continue;
    append(each, devices);
    ++found;
  }
  if (found == 1) return devices;
  return Error(Code::busy, fmt::format("the kubelet lists {} pods '{}', not one", found, pod));
}

}  // namespace sluice::plugin
