#include "agent/classes/allocated_vfs.h"

#include <utility>

namespace sluice {

Result<std::unique_ptr<AllocatedVfs>> AllocatedVfs::start(const Sources& sources,
                                                          const EventFd& wake, const Log& log) {
  std::unique_ptr<AllocatedVfs> all(new AllocatedVfs(wake, log));
  AllocationWatch::Settings settings;
  settings.socket = sources.socket;
  settings.checkpoint = sources.checkpoint;
  AllocationWatch::Listener listener{
      .answered = [self = all.get()] { self->recover(); },
      .changed = [self = all.get()](const auto& change) { self->note(change); },
      .failed = [self = all.get()](const Error& error) { self->fail(error); }};
  all->watch_ = TRY(AllocationWatch::start(std::move(settings), std::move(listener)));
  return all;
}

void AllocatedVfs::note(const Allocations::Change& change) {
  for (const PodDevice& device : change.taken) {
    log_.info("pod has a device", {{"pod", device.pod},
                                   {"container", device.container},
                                   {"resource", device.resource},
                                   {"device", device.id}});
  }
  for (const DeviceKey& device : change.released) {
    log_.info("no pod has the device any more",
              {{"resource", device.resource}, {"device", device.id}});
  }
  {
    const std::lock_guard lock(mutex_);
    released_.insert(released_.end(), change.released.begin(), change.released.end());
  }
  wake_.notify();
}

void AllocatedVfs::recover() {
  if (failures_.recovered("list")) log_.info("kubelet says again which devices pods have");
}

void AllocatedVfs::fail(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (!failures_.worth_telling("list", error.message(), now)) return;
  log_.warn("kubelet does not say which devices pods have", {{"reason", error.message()}});
}

std::optional<std::vector<std::string>> AllocatedVfs::vfs(const Config& config) const {
  const std::optional<std::vector<DeviceKey>> held = watch_->held();
  if (!held) return std::nullopt;
  std::vector<std::string> vfs;
  for (const DeviceKey& device : *held) {
    if (config.class_of(device.resource)) vfs.push_back(device.id);
  }
  return vfs;
}

std::vector<DeviceKey> AllocatedVfs::take_released() {
  const std::lock_guard lock(mutex_);
  return std::exchange(released_, {});
}

}  // namespace sluice
