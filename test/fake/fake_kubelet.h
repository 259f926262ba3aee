#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// A device as a plugin listed it.
struct ListedDevice {
  bool healthy = false;
  std::optional<int> numa_node;

  friend bool operator==(const ListedDevice&, const ListedDevice&) = default;
};

/// What the kubelet knows about one resource.
struct KubeletResource {
  std::string endpoint;  ///< Path of the plugin's socket.
  bool connected = false;
  bool pre_start_required = false;
  bool has_preference = false;
  int registrations = 0;
  int lists = 0;                                ///< Messages of ListAndWatch, of all streams.
  std::map<std::string, ListedDevice> devices;  ///< Without a connection all are unhealthy.
};

/// One entry of an AllocateResponse.
struct GivenContainer {
  std::map<std::string, std::string> envs;
  std::vector<std::string> devices;  ///< "host path:container path:permissions"
  std::vector<std::string> cdi_devices;
  std::size_t annotations = 0;
};

/// The kubelet's side of the device plugin contract, with its habits: it wipes all sockets of
/// device-plugins when it starts; asks for the options within Register; never dials again once a
/// stream has ended; knows plugins by resource in 1.36, by resource and socket in 1.37 (Clients of
/// test/fake/kubelet); finds sockets in plugins_registry and repeats what failed there; keeps pods'
/// devices over a restart and asks nothing when it re-admits them; refuses by itself a pod for
/// which too few devices are healthy. Times are shorter than the kubelet's. Thread-safe.
class FakeKubelet {
 public:
  enum class Registry { watched, absent };
  enum class Release { v1_36, v1_37 };

  /// Works in `root`/device-plugins, …/plugins_registry and …/pod-resources, which it makes; the
  /// second only when `registry` says so. Does not run yet.
  FakeKubelet(const std::string& root, Registry registry, Release release = Release::v1_37);
  FakeKubelet(const FakeKubelet&) = delete;
  FakeKubelet& operator=(const FakeKubelet&) = delete;
  ~FakeKubelet();

  void start();

  /// As kill -9 does: all connections end, kubelet.sock stays.
  void stop();

  void restart() {
    stop();
    start();
  }

  /// The same on a busy node: until list_pods() it has not found its pods again, so PodResources
  /// lists none.
  void restart_without_pods();
  void list_pods();

  std::string device_plugins() const;
  std::string registry() const;
  std::string pod_resources_socket() const;

  /// The next `times` registrations are refused; with Repeats::no it does not look at the same
  /// socket again.
  enum class Repeats { yes, no };
  void refuse(int times, Repeats repeats = Repeats::yes);

  /// Drops the client of a resource without a reason and without a word.
  void disconnect(const std::string& resource);

  /// The next `times` calls of PodResources answer RESOURCE_EXHAUSTED.
  void exhaust_pod_resources(int times);

  /// The next `times` calls of PodResources end as those of a kubelet that is too slow to answer.
  void delay_pod_resources(int times);

  /// How often GetAllocatableResources was asked for.
  int times_asked() const;

  /// How often pods were.
  int times_listed() const;

  /// What it would write into its node's `status.allocatable` now; when it does, seconds after a
  /// list has changed, is the test's to say.
  std::map<std::string, std::string> allocatable() const;

  KubeletResource resource(const std::string& name) const;

  /// The socket on which it calls a DRA driver: that of the instance that it found last. Empty
  /// without one.
  std::string driver(const std::string& name) const;

  /// The IDs that a pod could get now.
  std::vector<std::string> healthy(const std::string& resource) const;

  /// Whether `holds` comes true in time; asked again after each change.
  bool wait(const std::function<bool()>& holds,
            std::chrono::seconds limit = std::chrono::seconds(10));

  /// Whether the resource has exactly `count` healthy devices within ten seconds.
  bool wait_healthy(const std::string& resource, std::size_t count);

  /// One Allocate call, one container for each list of IDs.
  Result<std::vector<GivenContainer>> allocate(const std::string& resource,
                                               const std::vector<std::vector<std::string>>& ids);

  /// One PreStartContainer call: a container that has these devices is about to be made.
  Result<> pre_start(const std::string& resource, const std::vector<std::string>& ids);

  Result<std::vector<std::string>> prefer(const std::string& resource,
                                          const std::vector<std::string>& available,
                                          const std::vector<std::string>& must_include, int size);

  /// Admits a pod, or gives one more resource to it: takes `count` devices that are healthy and not
  /// held, those the plugin prefers, and has them allocated. exhausted when there are not enough,
  /// as the kubelet's own refusal.
  Result<std::vector<std::string>> admit(const std::string& pod, const std::string& resource,
                                         std::size_t count);

  /// The same with these devices, healthy or not: the kubelet had chosen them when a list came that
  /// does not have them any more.
  Result<> admit_with(const std::string& pod, const std::string& resource,
                      const std::vector<std::string>& ids);

  /// After a reboot: only what the checkpoint says, and whether it is still offered.
  Result<> readmit(const std::string& pod) const;

  /// The pod's containers have ended. `pod` is "namespace/name".
  void remove(const std::string& pod);

 private:
  class State;

  std::unique_ptr<State> state_;
};

}  // namespace sluice
