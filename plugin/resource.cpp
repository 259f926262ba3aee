#include "plugin/resource.h"

#include <chrono>

#include "pkg/fs/atomic_file.h"
#include "pkg/rpc/status.h"
#include "plugin/choose.h"
#include "plugin/preference.h"

namespace sluice::plugin {
namespace {

// The complete list; a device that is being withdrawn is not in it.
v1beta1::ListAndWatchResponse list_of(const ClassDevices& offered) {
  v1beta1::ListAndWatchResponse list;
  for (const Device& device : offered.devices) {
    if (device.withdrawn) continue;
    v1beta1::Device& listed = *list.add_devices();
    listed.set_id(device.id);
    listed.set_health(device.unhealthy.empty() && device.taken.empty() ? "Healthy" : "Unhealthy");
    if (device.numa_node) listed.mutable_topology()->add_nodes()->set_id(*device.numa_node);
  }
  return list;
}

void encode(AllocateResponse given, v1beta1::ContainerAllocateResponse& response) {
  for (auto& [name, value] : given.env) (*response.mutable_envs())[name] = std::move(value);
  for (std::string& name : given.cdi_devices) response.add_cdi_devices()->set_name(std::move(name));
  for (const std::string& node : given.nodes) {
    v1beta1::DeviceSpec& spec = *response.add_devices();
    spec.set_container_path(node);
    spec.set_host_path(node);
    spec.set_permissions("rw");
  }
}

std::vector<std::string> strings_of(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

}  // namespace

v1beta1::DevicePluginOptions plugin_options() {
  v1beta1::DevicePluginOptions options;
  options.set_pre_start_required(true);
  options.set_get_preferred_allocation_available(true);
  return options;
}

void Resource::publish(DeviceSnapshotPtr snapshot) {
  static const ClassDevices kNone;
  const ClassDevices* const offered = snapshot->find(name_);
  const auto list = std::make_shared<const v1beta1::ListAndWatchResponse>(
      list_of(offered == nullptr ? kNone : *offered));
  std::string text = list->SerializeAsString();
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    is_news = snapshot_ == nullptr || text != list_;
    snapshot_ = std::move(snapshot);
    list_ = std::move(text);
  }
  if (is_news) lists_.publish(list);
}

DeviceSnapshotPtr Resource::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

grpc::Status Resource::GetDevicePluginOptions(grpc::ServerContext* /*context*/,
                                              const v1beta1::Empty* /*request*/,
                                              v1beta1::DevicePluginOptions* response) {
  *response = plugin_options();
  return grpc::Status::OK;
}

grpc::ServerWriteReactor<v1beta1::ListAndWatchResponse>* Resource::ListAndWatch(
    grpc::CallbackServerContext* /*context*/, const v1beta1::Empty* /*request*/) {
  return lists_.open();
}

grpc::Status Resource::GetPreferredAllocation(grpc::ServerContext* /*context*/,
                                              const v1beta1::PreferredAllocationRequest* request,
                                              v1beta1::PreferredAllocationResponse* response) {
  const DeviceSnapshotPtr now = snapshot();
  const ClassDevices* const offered = now->find(name_);
  if (offered == nullptr) {
    return to_status(Error(Code::not_found, fmt::format("'{}' is not offered any more", name_)));
  }
  for (const auto& asked : request->container_requests()) {
    const PreferenceRequest wanted{.available = strings_of(asked.available_deviceids()),
                                   .must_include = strings_of(asked.must_include_deviceids()),
                                   .size = asked.allocation_size() < 0
                                               ? 0
                                               : static_cast<std::size_t>(asked.allocation_size())};
    auto& chosen = *response->add_container_responses();
    for (std::string& id : prefer(*now, *offered, wanted)) chosen.add_deviceids(std::move(id));
  }
  return grpc::Status::OK;
}

grpc::Status Resource::Allocate(grpc::ServerContext* /*context*/,
                                const v1beta1::AllocateRequest* request,
                                v1beta1::AllocateResponse* response) {
  const auto started = std::chrono::steady_clock::now();
  const Result<> done = allocate(*request, *response);
  const auto took = std::chrono::steady_clock::now() - started;
  hooks_.tell({.event = done ? Event::allocated : Event::allocation_refused,
               .resource = name_,
               .text = done ? "" : done.error().message(),
               .took = took});
  return done ? grpc::Status::OK : to_status(done.error());
}

grpc::Status Resource::PreStartContainer(grpc::ServerContext* /*context*/,
                                         const v1beta1::PreStartContainerRequest* request,
                                         v1beta1::PreStartContainerResponse* /*response*/) {
  if (!hooks_.starts) return grpc::Status::OK;
  const Result<> allowed = hooks_.starts(name_, strings_of(request->devices_ids()));
  if (allowed) return grpc::Status::OK;
  hooks_.tell(
      {.event = Event::start_refused, .resource = name_, .text = allowed.error().message()});
  return to_status(allowed.error());
}

Result<> Resource::allocate(const v1beta1::AllocateRequest& request,
                            v1beta1::AllocateResponse& response) {
  const DeviceSnapshotPtr now = snapshot();
  const ClassDevices* const offered = now->find(name_);
  if (offered == nullptr) {
    return Error(Code::not_found, fmt::format("'{}' is not offered any more", name_));
  }
  // All containers first, so that a refusal leaves nothing behind.
  std::vector<std::string> all;
  for (const auto& asked : request.container_requests()) {
    all.insert(all.end(), asked.devices_ids().begin(), asked.devices_ids().end());
  }
  TRY(choose(*offered, all));
  if (hooks_.allocate) TRY(hooks_.allocate(name_, all));
  for (const auto& asked : request.container_requests()) {
    const auto devices = TRY(choose(*offered, strings_of(asked.devices_ids())));
    write_device_info(devices);
    if (settings_.handover == Handover::device_specs) note_nodes(devices);
    encode(allocate_response(name_, devices, settings_.handover),
           *response.add_container_responses());
  }
  return {};
}

void Resource::note_nodes(const std::vector<const Device*>& devices) const {
  for (const Device* const device : devices) static_cast<void>(hooks_.note_nodes(name_, *device));
}

// Only tells others which device an attachment has: not worth failing a pod for.
void Resource::write_device_info(const std::vector<const Device*>& devices) const {
  if (settings_.device_info_dir.empty()) return;
  for (const Device* const device : devices) {
    const std::string path =
        fmt::format("{}/{}", settings_.device_info_dir, device_info_name(name_, device->id));
    if (const Result<> written = publish_file(path, device_info(*device)); !written) {
      hooks_.tell({.event = Event::trouble, .resource = name_, .text = written.error().message()});
    }
  }
}

}  // namespace sluice::plugin
