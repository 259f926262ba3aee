#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pkg/fs/event_fd.h"
#include "pkg/fs/file_identity.h"
#include "pkg/rpc/unix_server.h"
#include "proto/pluginregistration_v1.grpc.pb.h"
#include "proto/podresources_v1.grpc.pb.h"
#include "test/fake/fake_kubelet.h"
#include "test/fake/kubelet/clients.h"

namespace sluice {

/// The sockets, threads and records of a FakeKubelet. Members are public: the class is
/// FakeKubelet's own, split off so that its header needs no gRPC.
class FakeKubelet::State final : public v1beta1::Registration::Service,
                                 public v1::PodResourcesLister::Service {
 public:
  struct PodDevices {
    std::string resource;
    std::vector<std::string> ids;
  };

  /// A socket of plugins_registry that needs nothing more while it is there.
  struct Introduced {
    FileIdentity identity;
    std::string resource;
    std::string endpoint;
  };

  State(const std::string& root_directory, Registry registry, Release release);

  std::string device_plugins() const { return root + "/device-plugins"; }
  std::string registry_dir() const { return root + "/plugins_registry"; }
  std::string pod_resources_socket() const { return root + "/pod-resources/kubelet.sock"; }

  void start();
  void stop();

  grpc::Status Register(grpc::ServerContext* context, const v1beta1::RegisterRequest* request,
                        v1beta1::Empty* response) override;
  grpc::Status List(grpc::ServerContext* context, const v1::ListPodResourcesRequest* request,
                    v1::ListPodResourcesResponse* response) override;
  grpc::Status GetAllocatableResources(grpc::ServerContext* context,
                                       const v1::AllocatableResourcesRequest* request,
                                       v1::AllocatableResourcesResponse* response) override;

  /// Dials the plugin, asks for its options, and starts to listen: what is between Register and its
  /// answer.
  grpc::Status connect(const std::string& resource, const std::string& endpoint);

  /// A stream has ended, or its socket was removed.
  void forget(const std::string& resource, const std::string& socket);

  /// nullptr when the resource has no client.
  std::shared_ptr<v1beta1::DevicePlugin::Stub> stub_of(const std::string& resource) const;

  /// All IDs that pods hold. With the lock held.
  std::set<std::string> held() const;

  const std::string root;
  const Registry kind;
  std::vector<std::unique_ptr<UnixServer>> servers;
  std::thread watcher;
  std::atomic<bool> stopping = false;
  EventFd wake;

  std::condition_variable changed;
  mutable std::mutex mutex;  // Guards all below.
  std::map<std::string, KubeletResource> resources;
  Clients clients;
  std::list<std::shared_ptr<Client>> every;                 // Since the start, to be joined.
  std::map<std::string, std::vector<std::string>> drivers;  // Endpoints, the last one last.
  std::map<std::string, std::vector<PodDevices>> pods;
  bool has_found_pods = true;
  std::map<std::string, Introduced> introduced;  // By socket in plugins_registry.
  int refusals = 0;
  Repeats repeats = Repeats::yes;
  int pod_resources_failures = 0;
  grpc::Status pod_resources_error;
  int times_asked = 0;
  int times_listed = 0;

 private:
  static void list(const PodDevices& devices, v1::ContainerResources& container);
  void read_lists(Client& client);
  bool take_refusal();
  grpc::Status pod_resources_failure();  // With the lock held.
  void drop_all_clients();
  void watch_registry();

  /// False when something failed and is to be repeated.
  bool look_at_registry();
  std::map<std::string, FileIdentity> registry_sockets() const;
  void forget_removed(const std::map<std::string, FileIdentity>& there);
  bool is_introduced(const std::string& path) const;

  /// GetInfo, connect, NotifyRegistrationStatus. False when it is to be repeated.
  bool introduce(const std::string& path, const FileIdentity& identity);
  grpc::Status add_driver(const pluginregistration::PluginInfo& info);
  grpc::Status accept(const pluginregistration::PluginInfo& info, const std::string& path);
};

}  // namespace sluice
