#include "plugin/resource.h"

#include <chrono>

#include "pkg/rpc/status.h"

namespace sluice::plugin {
namespace {

v1beta1::ListAndWatchResponse list_of(const std::vector<DeviceEntry>& devices) {
  v1beta1::ListAndWatchResponse list;
  for (const DeviceEntry& device : devices) {
    v1beta1::Device& listed = *list.add_devices();
    listed.set_id(device.id);
    listed.set_health(device.is_healthy ? "Healthy" : "Unhealthy");
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

void Resource::publish() {
  const auto list =
      std::make_shared<const v1beta1::ListAndWatchResponse>(list_of(answers_->list()));
  std::string text = list->SerializeAsString();
  {
    const std::lock_guard lock(mutex_);
    if (text == list_) return;
    list_ = std::move(text);
  }
  lists_.publish(list);
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
  for (const auto& asked : request->container_requests()) {
    const PreferenceRequest wanted{.available = strings_of(asked.available_deviceids()),
                                   .must_include = strings_of(asked.must_include_deviceids()),
                                   .size = asked.allocation_size() < 0
                                               ? 0
                                               : static_cast<std::size_t>(asked.allocation_size())};
    Result<std::vector<std::string>> preferred = answers_->prefer(wanted);
    if (!preferred) return to_status(preferred.error());
    auto& chosen = *response->add_container_responses();
    for (std::string& id : *preferred) chosen.add_deviceids(std::move(id));
  }
  return grpc::Status::OK;
}

grpc::Status Resource::Allocate(grpc::ServerContext* context,
                                const v1beta1::AllocateRequest* request,
                                v1beta1::AllocateResponse* response) {
  return relay_.answer(*context, &v1beta1::DevicePlugin::Stub::Allocate, *request, *response,
                       [&] { return answer_allocate(*request, *response); });
}

grpc::Status Resource::answer_allocate(const v1beta1::AllocateRequest& request,
                                       v1beta1::AllocateResponse& response) {
  const auto started = std::chrono::steady_clock::now();
  const Result<> done = allocate(request, response);
  const auto took = std::chrono::steady_clock::now() - started;
  hooks_.tell({.event = done ? Event::allocated : Event::allocation_refused,
               .resource = name_,
               .text = done ? "" : done.error().message(),
               .took = took});
  return done ? grpc::Status::OK : to_status(done.error());
}

grpc::Status Resource::PreStartContainer(grpc::ServerContext* context,
                                         const v1beta1::PreStartContainerRequest* request,
                                         v1beta1::PreStartContainerResponse* response) {
  return relay_.answer(*context, &v1beta1::DevicePlugin::Stub::PreStartContainer, *request,
                       *response, [&] { return answer_pre_start(*request); });
}

grpc::Status Resource::answer_pre_start(const v1beta1::PreStartContainerRequest& request) {
  const Result<> allowed = answers_->starts(strings_of(request.devices_ids()));
  if (allowed) return grpc::Status::OK;
  hooks_.tell(
      {.event = Event::start_refused, .resource = name_, .text = allowed.error().message()});
  return to_status(allowed.error());
}

Result<> Resource::allocate(const v1beta1::AllocateRequest& request,
                            v1beta1::AllocateResponse& response) {
  std::vector<std::vector<std::string>> containers;
  for (const auto& asked : request.container_requests()) {
    containers.push_back(strings_of(asked.devices_ids()));
  }
  for (AllocateResponse& given : TRY(answers_->allocate(containers))) {
    encode(std::move(given), *response.add_container_responses());
  }
  return {};
}

}  // namespace sluice::plugin
