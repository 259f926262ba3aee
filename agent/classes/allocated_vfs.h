#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kubelet/allocation_watch.h"

namespace sluice {

/// VFs the kubelet has allocated to pods. Thread-safe.
class AllocatedVfs {
 public:
  /// Where the kubelet says it.
  struct Sources {
    std::string socket;
    std::string checkpoint;
  };

  /// `wake` is notified when something changed; it and `log` must outlive this object.
  static Result<std::unique_ptr<AllocatedVfs>> start(const Sources& sources, const EventFd& wake,
                                                     const Log& log);

  AllocatedVfs(const AllocatedVfs&) = delete;
  AllocatedVfs& operator=(const AllocatedVfs&) = delete;
  ~AllocatedVfs() = default;

  void allocated(const std::string& resource, const std::vector<std::string>& ids) {
    watch_->allocated(resource, ids);
  }

  /// A lane came or went: the kubelet is asked soon.
  void notice() { watch_->notice(); }

  bool unless_held(const DeviceKey& device, const std::function<void()>& action) {
    return watch_->unless_held(device, action);
  }

  /// VFs held under resources of the domain; nullopt while the kubelet has not answered yet.
  std::optional<std::vector<std::string>> vfs(const Config& config) const;

  /// What pods have given back since the last call.
  std::vector<DeviceKey> take_released();

 private:
  AllocatedVfs(const EventFd& wake, Log log) : wake_(wake), log_(std::move(log)) {}

  void note(const Allocations::Change& change);
  void recover();
  void fail(const Error& error);

  const EventFd& wake_;
  Log log_;
  Repeats failures_;  // Of the watch's thread.
  std::mutex mutex_;  // Guards released_.
  std::vector<DeviceKey> released_;
  std::unique_ptr<AllocationWatch> watch_;  // Last: its thread uses those above.
};

}  // namespace sluice
