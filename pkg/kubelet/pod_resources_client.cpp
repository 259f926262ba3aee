#include "pkg/kubelet/pod_resources_client.h"

#include <grpcpp/channel.h>

#include "pkg/rpc/channel.h"
#include "proto/podresources_v1.grpc.pb.h"

namespace sluice {
namespace {

using Stub = v1::PodResourcesLister::Stub;

constexpr const char* kList = "list pod resources";

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

void append(const v1::PodResources& pod, std::vector<PodClaim>& claims) {
  for (const v1::ContainerResources& container : pod.containers()) {
    for (const v1::DynamicResource& dynamic : container.dynamic_resources()) {
      PodClaim& claim = claims.emplace_back();
      claim.pod = name_of(pod);
      claim.claim = fmt::format("{}/{}", dynamic.claim_namespace(), dynamic.claim_name());
      for (const v1::ClaimResource& resource : dynamic.claim_resources()) {
        for (const v1::CDIDevice& device : resource.cdi_devices()) {
          claim.cdi_devices.push_back(device.name());
        }
      }
    }
  }
}

}  // namespace

std::shared_ptr<grpc::Channel> PodResourcesClient::kept() const {
  const std::lock_guard lock(mutex_);
  return channel_;
}

void PodResourcesClient::keep(std::shared_ptr<grpc::Channel> channel) {
  const std::lock_guard lock(mutex_);
  channel_ = std::move(channel);
}

template <typename Response, typename Method, typename Request>
Result<Response> PodResourcesClient::ask(Method method, const Request& request,
                                         std::chrono::milliseconds limit,
                                         std::string_view attempt) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + limit;
  std::shared_ptr<grpc::Channel> channel = kept();
  bool is_new = channel == nullptr;
  for (;;) {
    if (is_new) channel = unix_channel(socket_);
    Stub stub(channel);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    Result<Response> response = call(stub, method, request, left, attempt);
    const bool works = response || response.error().code() == Code::exhausted;
    keep(works ? channel : nullptr);
    if (works || is_new || response.error().code() != Code::busy) return response;
    is_new = true;
  }
}

Result<std::vector<PodDevice>> PodResourcesClient::devices(std::chrono::milliseconds limit) {
  const auto response = TRY(
      ask<v1::ListPodResourcesResponse>(&Stub::List, v1::ListPodResourcesRequest(), limit, kList));
  std::vector<PodDevice> devices;
  for (const v1::PodResources& pod : response.pod_resources()) append(pod, devices);
  return devices;
}

Result<std::vector<PodDevice>> PodResourcesClient::devices_of(const std::string& pod,
                                                              std::chrono::milliseconds limit) {
  const auto response = TRY(
      ask<v1::ListPodResourcesResponse>(&Stub::List, v1::ListPodResourcesRequest(), limit, kList));
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

Result<std::vector<PodClaim>> PodResourcesClient::claims(std::chrono::milliseconds limit) {
  const auto response = TRY(
      ask<v1::ListPodResourcesResponse>(&Stub::List, v1::ListPodResourcesRequest(), limit, kList));
  std::vector<PodClaim> claims;
  for (const v1::PodResources& pod : response.pod_resources()) append(pod, claims);
  return claims;
}

Result<std::vector<KnownDevice>> PodResourcesClient::known_devices(
    std::chrono::milliseconds limit) {
  const auto response = TRY(ask<v1::AllocatableResourcesResponse>(
      &Stub::GetAllocatableResources, v1::AllocatableResourcesRequest(), limit,
      "list what is allocatable"));
  std::vector<KnownDevice> devices;
  for (const v1::ContainerDevices& known : response.devices()) {
    for (const std::string& id : known.device_ids()) {
      devices.push_back({.resource = known.resource_name(), .id = id});
    }
  }
  return devices;
}

}  // namespace sluice
