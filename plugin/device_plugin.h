#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pkg/cdi/spec.h"
#include "pkg/fs/event_fd.h"
#include "pkg/kubelet/allocations.h"
#include "plugin/class_answers.h"
#include "plugin/endpoint.h"

namespace sluice::plugin {

struct Settings {
  KubeletDirectories kubelet = {.device_plugins = "/var/lib/kubelet/device-plugins",
                                .registry = "/var/lib/kubelet/plugins_registry"};
  HandoverSettings handover = {.handover = Handover::cdi,
                               .device_info_dir = "/var/run/k8s.cni.cncf.io/devinfo/dp"};
  std::string cdi_dir = "/var/run/cdi";
  std::string memlock_hook = "/opt/cni/bin/sluice-memlock";  ///< On the host (hook/).
  Endpoint::Retries retries = {.legacy = {std::chrono::milliseconds(100), std::chrono::seconds(30)},
                               .registry = {std::chrono::seconds(15), std::chrono::seconds(60)}};
};

/// The device plugin: each class of the published snapshot is one resource, registered with the
/// kubelet through plugins_registry where that directory exists and on kubelet.sock otherwise, and
/// again, with another socket, whenever the kubelet has lost it. Sockets that a killed instance
/// left are removed. A thread of its own does that, woken by changes of the directory, of streams
/// and of the snapshot.
class DevicePlugin {
 public:
  /// Serves nothing until something is published.
  static Result<std::unique_ptr<DevicePlugin>> start(Settings settings, Hooks hooks);

  DevicePlugin(const DevicePlugin&) = delete;
  DevicePlugin& operator=(const DevicePlugin&) = delete;

  /// Ends all streams and removes the sockets; device-info and CDI files stay, for the containers
  /// that use them stay too. Within half a second a resource whose calls do not end, and three when
  /// the kubelet does not answer to Register.
  ~DevicePlugin();

  /// Serves `snapshot` from now on: classes that are not in it any more end, new ones begin, and
  /// streams get the list where it changed. The CDI names of its devices can be used when it
  /// returns. One caller at a time. invalid_argument or already_exists when the snapshot makes no
  /// sense (check() of choose.h), and the Error of writing the CDI file; what was served before
  /// goes on then.
  Result<> publish(const DeviceSnapshotPtr& snapshot);

  /// Serves a resource that is no class, too, until it is withdrawn. From any thread.
  void serve(const std::string& resource, std::shared_ptr<Answers> answers);
  void withdraw(const std::string& resource);

  /// The pod that held the device has ended, and with it its device-info file.
  Result<> released(const DeviceKey& device) const;

  /// Whether the kubelet listens to each resource that was published or is served.
  bool is_registered() const;

  /// Another instance of the plugin is about to end. A kubelet of 1.36 takes that for our end: what
  /// it loses in the next ten seconds is registered again at once.
  void expect_loss();

  /// Another instance writes from now on. When this returns, the calls that write have ended; later
  /// ones are answered by the instance that registers the resource next. Streams and sockets stay,
  /// so that the kubelet does not miss a device, and nothing is published or registered any more.
  void hand_over();

 private:
  using Resources = std::map<std::string, std::shared_ptr<Resource>>;  // by name
  struct Class {
    std::shared_ptr<ClassAnswers> answers;
    std::shared_ptr<Resource> resource;
  };

  DevicePlugin(Settings settings, Hooks hooks, EventFd wake);

  void note_nodes(const DeviceSnapshot& snapshot);
  std::shared_ptr<Resource> make(const std::string& name, std::shared_ptr<Answers> answers);
  Class class_of(const std::string& name);
  using Endpoints = std::map<std::string, std::unique_ptr<Endpoint>>;  // by resource

  void run(const std::stop_token& stop);
  void sweep(const std::string& directory, const Resources& wanted) const;
  Moment advance_all(const Resources& wanted, Mode mode);
  Resources resources() const;

  Settings settings_;
  Hooks hooks_;
  EventFd wake_;
  CdiDirectory cdi_;
  std::map<std::string, std::vector<std::string>> given_nodes_;  // By device, of the CDI file.
  mutable std::mutex mutex_;                                     // Guards the four below.
  std::map<std::string, Class> classes_;                         // By resource.
  Resources others_;                                             // Those that are no classes.
  bool has_published_ = false;
  Moment prompt_until_;
  Endpoints endpoints_;  // Of the thread.
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace sluice::plugin
