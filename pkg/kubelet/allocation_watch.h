#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pkg/base/backoff.h"
#include "pkg/fs/event_fd.h"
#include "pkg/kubelet/allocations.h"

namespace sluice {

/// Asks the kubelet which devices pods hold: each `period`, and soon and then ever less often after
/// something happened that changes it. A thread of its own.
class AllocationWatch {
 public:
  /// A kubelet serves PodResourcesClient from its start on, and lists a pod once it has admitted it
  /// again: seconds later, on a busy node more. It gives the pod the devices of its checkpoint, and
  /// fails the pod where one of them is offered no more; so until then none is taken for released.
  static constexpr std::chrono::seconds kReadmission{60};

  struct Settings {
    std::string socket = "/var/lib/kubelet/pod-resources/kubelet.sock";
    /// See device_checkpoint.h.
    std::string checkpoint = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";
    std::chrono::milliseconds period = std::chrono::seconds(10);
    /// Until the first look after an Allocate or a CNI DEL; twice as long until each further one.
    std::chrono::milliseconds first_look = std::chrono::milliseconds(100);
    std::chrono::milliseconds limit = std::chrono::seconds(1);  ///< Of one call.
  };

  /// Called from the watch's thread: `answered` each time the kubelet could be asked; after it
  /// `changed` when something did, and when held() begins to know; `failed` each time the kubelet
  /// could not be asked.
  struct Listener {
    std::function<void()> answered;
    std::function<void(const Allocations::Change&)> changed;
    std::function<void(const Error&)> failed;
  };

  static Result<std::unique_ptr<AllocationWatch>> start(Settings settings, Listener listener);

  AllocationWatch(const AllocationWatch&) = delete;
  AllocationWatch& operator=(const AllocationWatch&) = delete;
  ~AllocationWatch();

  /// From any thread, as is notice(); never blocks on the kubelet.
  void allocated(const std::string& resource, const std::vector<std::string>& ids);

  /// Something may have been released: a CNI DEL, say.
  void notice();

  /// Does `action` while no pod has the device and none is given it: an Allocate waits meanwhile.
  /// False, and nothing is done, when one has it.
  bool unless_held(const DeviceKey& device, const std::function<void()>& action);

  /// What pods hold now, Allocates just answered included; nullopt before a kubelet that is past
  /// kReadmission has answered for the first time.
  std::optional<std::vector<DeviceKey>> held() const;

 private:
  AllocationWatch(Settings settings, Listener listener, EventFd wake);

  void run(const std::stop_token& stop);
  void look();
  /// Of an answer that has just come.
  Allocations::Listing listing() const;
  std::set<DeviceKey> kept() const;

  /// How long to wait now; shorter after a notice.
  std::chrono::milliseconds pause();

  Settings settings_;
  Listener listener_;
  EventFd wake_;
  PodResourcesClient kubelet_;
  mutable std::mutex mutex_;  // Guards those below.
  bool has_looked_ = false;
  Allocations allocations_;
  Backoff looks_;
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace sluice
