#include "agent/holders.h"

#include <utility>

namespace sluice {

using plugin::DeviceKey;
using plugin::HoldingsWatch;
using plugin::PodDevice;

Result<std::unique_ptr<Holders>> Holders::start(const std::string& socket, const plugin::Wake& wake,
                                                const Log& log) {
  std::unique_ptr<Holders> holders(new Holders(wake, log));
  HoldingsWatch::Settings settings;
  settings.socket = socket;
  HoldingsWatch::Listener listener{
      .answered = [self = holders.get()] { self->recover(); },
      .changed = [self = holders.get()](const auto& change) { self->note(change); },
      .failed = [self = holders.get()](const Error& error) { self->fail(error); }};
  holders->watch_ = TRY(HoldingsWatch::start(std::move(settings), std::move(listener)));
  return holders;
}

void Holders::note(const plugin::Holdings::Change& change) {
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

void Holders::recover() {
  if (failures_.recovered("list")) log_.info("kubelet says again which devices pods have");
}

void Holders::fail(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (!failures_.worth_telling("list", error.message(), now)) return;
  log_.warn("kubelet does not say which devices pods have", {{"reason", error.message()}});
}

std::optional<std::vector<std::string>> Holders::vfs(const Config& config) const {
  const std::optional<std::vector<DeviceKey>> held = watch_->held();
  if (!held) return std::nullopt;
  std::vector<std::string> vfs;
  for (const DeviceKey& device : *held) {
    if (config.class_of(device.resource)) vfs.push_back(device.id);
  }
  return vfs;
}

std::vector<DeviceKey> Holders::take_released() {
  const std::lock_guard lock(mutex_);
  return std::exchange(released_, {});
}

}  // namespace sluice
