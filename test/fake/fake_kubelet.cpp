#include "test/fake/fake_kubelet.h"

#include <algorithm>

#include "pkg/rpc/channel.h"
#include "test/fake/kubelet/state.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using v1beta1::DevicePlugin;

GivenContainer decode(const v1beta1::ContainerAllocateResponse& response) {
  GivenContainer given{.envs = {response.envs().begin(), response.envs().end()},
                       .devices = {},
                       .cdi_devices = {},
                       .annotations = response.annotations().size()};
  for (const auto& spec : response.devices()) {
    given.devices.push_back(
        fmt::format("{}:{}:{}", spec.host_path(), spec.container_path(), spec.permissions()));
  }
  for (const auto& device : response.cdi_devices()) given.cdi_devices.push_back(device.name());
  return given;
}

}  // namespace

FakeKubelet::FakeKubelet(const std::string& root, Registry registry, Release release)
    : state_(std::make_unique<State>(root, registry, release)) {}

FakeKubelet::~FakeKubelet() {
  stop();
}

void FakeKubelet::start() {
  state_->start();
}

void FakeKubelet::stop() {
  state_->stop();
}

void FakeKubelet::restart_without_pods() {
  stop();
  {
    const std::lock_guard lock(state_->mutex);
    state_->has_found_pods = false;
  }
  start();
}

void FakeKubelet::list_pods() {
  const std::lock_guard lock(state_->mutex);
  state_->has_found_pods = true;
}

std::string FakeKubelet::device_plugins() const {
  return state_->device_plugins();
}

std::string FakeKubelet::registry() const {
  return state_->registry_dir();
}

std::string FakeKubelet::pod_resources_socket() const {
  return state_->pod_resources_socket();
}

void FakeKubelet::refuse(int times, Repeats repeats) {
  const std::lock_guard lock(state_->mutex);
  state_->refusals = times;
  state_->repeats = repeats;
}

void FakeKubelet::disconnect(const std::string& resource) {
  state_->forget(resource, this->resource(resource).endpoint);
}

void FakeKubelet::exhaust_pod_resources(int times) {
  const std::lock_guard lock(state_->mutex);
  state_->pod_resources_failures = times;
  state_->pod_resources_error = {grpc::RESOURCE_EXHAUSTED, "rejected by rate limit"};
}

void FakeKubelet::delay_pod_resources(int times) {
  const std::lock_guard lock(state_->mutex);
  state_->pod_resources_failures = times;
  state_->pod_resources_error = {grpc::DEADLINE_EXCEEDED, "Deadline Exceeded"};
}

int FakeKubelet::times_listed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->times_listed;
}

int FakeKubelet::times_asked() const {
  const std::lock_guard lock(state_->mutex);
  return state_->times_asked;
}

std::map<std::string, std::string> FakeKubelet::allocatable() const {
  std::map<std::string, std::string> allocatable = {{"cpu", "4"}};
  const std::lock_guard lock(state_->mutex);
  for (const auto& [name, resource] : state_->resources) {
    const auto healthy = std::ranges::count_if(
        resource.devices, [](const auto& entry) { return entry.second.healthy; });
    allocatable[name] = std::to_string(healthy);
  }
  return allocatable;
}

KubeletResource FakeKubelet::resource(const std::string& name) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->resources.find(name);
  return found == state_->resources.end() ? KubeletResource() : found->second;
}

std::string FakeKubelet::driver(const std::string& name) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->drivers.find(name);
  return found == state_->drivers.end() || found->second.empty() ? "" : found->second.back();
}

std::vector<std::string> FakeKubelet::healthy(const std::string& resource) const {
  std::vector<std::string> ids;
  const KubeletResource known = this->resource(resource);
  for (const auto& [id, device] : known.devices) {
    if (device.healthy) ids.push_back(id);
  }
  return ids;
}

bool FakeKubelet::wait(const std::function<bool()>& holds, seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, milliseconds(5));  // Not all that may be waited for notifies.
  }
  return true;
}

bool FakeKubelet::wait_healthy(const std::string& resource, std::size_t count) {
  return wait([&] { return healthy(resource).size() == count; });
}

Result<> FakeKubelet::pre_start(const std::string& resource, const std::vector<std::string>& ids) {
  const auto stub = state_->stub_of(resource);
  if (stub == nullptr) return Error(Code::not_found, "endpoint is not connected");
  v1beta1::PreStartContainerRequest request;
  for (const std::string& id : ids) request.add_devices_ids(id);
  // devicemanager's pluginPreStartContainerRPCTimeoutInSecs.
  TRY(call(*stub, &DevicePlugin::Stub::PreStartContainer, request, seconds(30), "pre-start"));
  return {};
}

Result<std::vector<GivenContainer>> FakeKubelet::allocate(
    const std::string& resource, const std::vector<std::vector<std::string>>& ids) {
  const auto stub = state_->stub_of(resource);
  if (stub == nullptr) return Error(Code::not_found, "endpoint is not connected");
  v1beta1::AllocateRequest request;
  for (const auto& of_container : ids) {
    auto& asked = *request.add_container_requests();
    for (const std::string& id : of_container) asked.add_devices_ids(id);
  }
  // The kubelet has no limit; a test must end.
  const auto response =
      TRY(call(*stub, &DevicePlugin::Stub::Allocate, request, seconds(10), "allocate"));
  std::vector<GivenContainer> given;
  for (const auto& container : response.container_responses()) given.push_back(decode(container));
  return given;
}

Result<std::vector<std::string>> FakeKubelet::prefer(const std::string& resource,
                                                     const std::vector<std::string>& available,
                                                     const std::vector<std::string>& must_include,
                                                     int size) {
  const auto stub = state_->stub_of(resource);
  if (stub == nullptr) return Error(Code::not_found, "endpoint is not connected");
  v1beta1::PreferredAllocationRequest request;
  auto& asked = *request.add_container_requests();
  for (const std::string& id : available) asked.add_available_deviceids(id);
  for (const std::string& id : must_include) asked.add_must_include_deviceids(id);
  asked.set_allocation_size(size);
  const auto response =
      TRY(call(*stub, &DevicePlugin::Stub::GetPreferredAllocation, request, seconds(10), "prefer"));
  if (response.container_responses_size() == 0) return std::vector<std::string>();
  const auto& chosen = response.container_responses(0).deviceids();
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

Result<std::vector<std::string>> FakeKubelet::admit(const std::string& pod,
                                                    const std::string& resource,
                                                    std::size_t count) {
  std::vector<std::string> free = healthy(resource);
  {
    const std::lock_guard lock(state_->mutex);
    const std::set<std::string> held = state_->held();
    std::erase_if(free, [&](const std::string& id) { return held.contains(id); });
  }
  if (free.size() < count) {
    return Error(Code::exhausted,
                 fmt::format("requested number of devices unavailable for {}", resource));
  }
  std::vector<std::string> chosen;
  if (this->resource(resource).has_preference) {
    chosen = TRY(prefer(resource, free, {}, static_cast<int>(count)));
  }
  std::erase_if(chosen, [&](const auto& id) { return std::ranges::find(free, id) == free.end(); });
  for (const std::string& id : free) {
    if (std::ranges::find(chosen, id) == chosen.end()) chosen.push_back(id);
  }
  chosen.resize(count);
  TRY(admit_with(pod, resource, chosen));
  return chosen;
}

Result<> FakeKubelet::admit_with(const std::string& pod, const std::string& resource,
                                 const std::vector<std::string>& ids) {
  TRY(allocate(resource, {ids}));
  const std::lock_guard lock(state_->mutex);
  state_->pods[pod].push_back({.resource = resource, .ids = ids});
  return {};
}

Result<> FakeKubelet::readmit(const std::string& pod) const {
  const std::lock_guard lock(state_->mutex);
  for (const State::PodDevices& devices : state_->pods.at(pod)) {
    const auto known = state_->resources.find(devices.resource);
    if (known == state_->resources.end() || !known->second.connected) {
      return Error(Code::not_found, "cannot allocate unregistered device " + devices.resource);
    }
    const auto is_healthy = [&](const std::string& id) {
      const auto found = known->second.devices.find(id);
      return found != known->second.devices.end() && found->second.healthy;
    };
    if (!std::ranges::all_of(devices.ids, is_healthy)) {
      return Error(Code::busy, "previously allocated devices are no longer healthy");
    }
  }
  return {};
}

void FakeKubelet::remove(const std::string& pod) {
  const std::lock_guard lock(state_->mutex);
  state_->pods.erase(pod);
}

}  // namespace sluice
