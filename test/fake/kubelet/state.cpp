#include "test/fake/kubelet/state.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "pkg/base/kube_names.h"
#include "pkg/rpc/channel.h"
#include "test/support/dead_socket.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using v1beta1::DevicePlugin;

constexpr seconds kDialLimit{10};

void wipe_sockets(const std::string& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.symlink_status().type() == fs::file_type::socket) fs::remove(entry.path());
  }
}

std::unique_ptr<UnixServer> serve(const std::string& path, grpc::Service* service) {
  auto started = UnixServer::start(path, {service});
  if (!started) std::abort();
  return *std::move(started);
}

// The socket of a kubelet that has been running for an hour.
void make_old(const std::string& socket) {
  fs::last_write_time(socket, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

}  // namespace

FakeKubelet::State::State(const std::string& root_directory, Registry registry, Release release)
    : root(root_directory), kind(registry), wake(*EventFd::open()), clients(release) {
  fs::create_directories(device_plugins());
  fs::create_directories(root + "/pod-resources");
  if (registry == Registry::watched) fs::create_directories(registry_dir());
}

void FakeKubelet::State::start() {
  wipe_sockets(device_plugins());
  stopping = false;
  servers.push_back(serve(device_plugins() + "/kubelet.sock",
                          static_cast<v1beta1::Registration::Service*>(this)));
  servers.push_back(
      serve(pod_resources_socket(), static_cast<v1::PodResourcesLister::Service*>(this)));
  if (kind == Registry::watched) watcher = std::thread([this] { watch_registry(); });
  const std::lock_guard lock(mutex);
  if (has_found_pods) make_old(pod_resources_socket());
}

void FakeKubelet::State::stop() {
  stopping = true;
  wake.notify();
  if (watcher.joinable()) watcher.join();
  // A server that is stopped removes its socket; a process that is killed does not.
  const bool ran = !servers.empty();
  servers.clear();
  drop_all_clients();
  if (ran) leave_dead_socket(device_plugins() + "/kubelet.sock");
  const std::lock_guard lock(mutex);
  introduced.clear();
}

grpc::Status FakeKubelet::State::Register(grpc::ServerContext* /*context*/,
                                          const v1beta1::RegisterRequest* request,
                                          v1beta1::Empty* /*response*/) {
  if (request->version() != "v1beta1") return {grpc::UNKNOWN, "unsupported version"};
  if (request->resource_name().find('/') == std::string::npos) {
    return {grpc::UNKNOWN, "not an extended resource"};
  }
  if (take_refusal()) return {grpc::UNKNOWN, "refused by the test"};
  return connect(request->resource_name(), device_plugins() + "/" + request->endpoint());
}

// An entry for each device, as the kubelet groups them by NUMA node.
void FakeKubelet::State::list(const PodDevices& devices, v1::ContainerResources& container) {
  for (const std::string& id : devices.ids) {
    v1::ContainerDevices& entry = *container.add_devices();
    entry.set_resource_name(devices.resource);
    entry.add_device_ids(id);
  }
}

grpc::Status FakeKubelet::State::List(grpc::ServerContext* /*context*/,
                                      const v1::ListPodResourcesRequest* /*request*/,
                                      v1::ListPodResourcesResponse* response) {
  const std::lock_guard lock(mutex);
  if (grpc::Status failure = pod_resources_failure(); !failure.ok()) return failure;
  ++times_listed;
  if (!has_found_pods) return grpc::Status::OK;
  for (const auto& [pod, devices] : pods) {
    v1::PodResources& listed = *response->add_pod_resources();
    const NamespacedName name = split_name(pod);
    listed.set_namespace_(name.name_space);
    listed.set_name(name.name);
    v1::ContainerResources& container = *listed.add_containers();
    container.set_name("main");
    for (const PodDevices& of_resource : devices) list(of_resource, container);
  }
  return grpc::Status::OK;
}

// All that is healthy, held or not.
grpc::Status FakeKubelet::State::GetAllocatableResources(
    grpc::ServerContext* /*context*/, const v1::AllocatableResourcesRequest* /*request*/,
    v1::AllocatableResourcesResponse* response) {
  const std::lock_guard lock(mutex);
  if (grpc::Status failure = pod_resources_failure(); !failure.ok()) return failure;
  ++times_asked;
  for (const auto& [name, resource] : resources) {
    for (const auto& [id, device] : resource.devices) {
      if (!device.healthy) continue;
      v1::ContainerDevices& entry = *response->add_devices();
      entry.set_resource_name(name);
      entry.add_device_ids(id);
    }
  }
  return grpc::Status::OK;
}

grpc::Status FakeKubelet::State::pod_resources_failure() {
  if (pod_resources_failures == 0) return grpc::Status::OK;
  --pod_resources_failures;
  return pod_resources_error;
}

grpc::Status FakeKubelet::State::connect(const std::string& resource, const std::string& endpoint) {
  const auto client = std::make_shared<Client>();
  client->resource = resource;
  client->socket = endpoint;
  client->stub = DevicePlugin::NewStub(unix_channel(endpoint));
  const auto options = call(*client->stub, &DevicePlugin::Stub::GetDevicePluginOptions,
                            v1beta1::Empty(), kDialLimit, "get options");
  if (!options) return {grpc::UNKNOWN, options.error().message()};
  {
    const std::lock_guard lock(mutex);
    if (!clients.add(client)) {
      return {grpc::UNKNOWN, "device plugin already connected: " + endpoint};
    }
    KubeletResource& known = resources[resource];
    known.endpoint = endpoint;
    known.connected = true;
    known.pre_start_required = options->pre_start_required();
    known.has_preference = options->get_preferred_allocation_available();
    ++known.registrations;
    every.push_back(client);
    client->reader = std::thread([this, client] { read_lists(*client); });
  }
  changed.notify_all();
  return grpc::Status::OK;
}

void FakeKubelet::State::read_lists(Client& client) {
  const auto stream = client.stub->ListAndWatch(&client.watch, v1beta1::Empty());
  v1beta1::ListAndWatchResponse response;
  while (stream->Read(&response)) {
    {
      const std::lock_guard lock(mutex);
      KubeletResource& known = resources[client.resource];
      ++known.lists;
      known.devices.clear();
      for (const auto& device : response.devices()) {
        ListedDevice& listed = known.devices[device.id()];
        listed.healthy = device.health() == "Healthy";
        if (device.topology().nodes_size() > 0) {
          listed.numa_node = static_cast<int>(device.topology().nodes(0).id());
        }
      }
    }
    changed.notify_all();
  }
  stream->Finish();
  forget(client.resource, client.socket);
}

void FakeKubelet::State::forget(const std::string& resource, const std::string& socket) {
  {
    const std::lock_guard lock(mutex);
    const std::shared_ptr<Client> client = clients.take(resource, socket);
    if (client == nullptr) return;
    client->watch.TryCancel();
    KubeletResource& known = resources[resource];
    known.connected = clients.is_connected(resource);
    if (!known.connected) {
      for (auto& [id, device] : known.devices) device.healthy = false;
    }
  }
  changed.notify_all();
}

std::shared_ptr<DevicePlugin::Stub> FakeKubelet::State::stub_of(const std::string& resource) const {
  const std::lock_guard lock(mutex);
  const std::shared_ptr<Client> client = clients.latest(resource);
  return client == nullptr ? nullptr : client->stub;
}

bool FakeKubelet::State::take_refusal() {
  const std::lock_guard lock(mutex);
  if (refusals == 0) return false;
  --refusals;
  return true;
}

std::set<std::string> FakeKubelet::State::held() const {
  std::set<std::string> ids;
  for (const auto& [pod, devices] : pods) {
    for (const PodDevices& of_resource : devices) {
      ids.insert(of_resource.ids.begin(), of_resource.ids.end());
    }
  }
  return ids;
}

void FakeKubelet::State::drop_all_clients() {
  std::list<std::shared_ptr<Client>> ended;
  {
    const std::lock_guard lock(mutex);
    ended.swap(every);
    clients.clear();
    for (auto& [name, resource] : resources) {
      resource.connected = false;
      for (auto& [id, device] : resource.devices) device.healthy = false;
    }
  }
  for (const auto& client : ended) client->watch.TryCancel();
  for (const auto& client : ended) client->reader.join();
}

}  // namespace sluice
