#include "plugin/class_answers.h"

#include "pkg/fs/atomic_file.h"
#include "plugin/choose.h"

namespace sluice::plugin {

void ClassAnswers::take_over(DeviceSnapshotPtr snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(snapshot);
}

DeviceSnapshotPtr ClassAnswers::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

Error ClassAnswers::not_offered() const {
  return {Code::not_found, fmt::format("'{}' is not offered any more", resource_)};
}

// A device that is being withdrawn is not in it.
std::vector<DeviceEntry> ClassAnswers::list() const {
  std::vector<DeviceEntry> entries;
  const DeviceSnapshotPtr now = snapshot();
  const ClassDevices* const offered = now->find(resource_);
  if (offered == nullptr) return entries;
  for (const Device& device : offered->devices) {
    if (device.withdrawn) continue;
    entries.push_back({.id = device.id,
                       .is_healthy = device.unhealthy.empty() && device.taken.empty(),
                       .numa_node = device.numa_node});
  }
  return entries;
}

Result<std::vector<std::string>> ClassAnswers::prefer(const PreferenceRequest& request) const {
  const DeviceSnapshotPtr now = snapshot();
  const ClassDevices* const offered = now->find(resource_);
  if (offered == nullptr) return not_offered();
  return plugin::prefer(*now, *offered, request);
}

Result<std::vector<AllocateResponse>> ClassAnswers::allocate(
    const std::vector<std::vector<std::string>>& containers) {
  const DeviceSnapshotPtr now = snapshot();
  const ClassDevices* const offered = now->find(resource_);
  if (offered == nullptr) return not_offered();
  // All containers first, so that a refusal leaves nothing behind.
  std::vector<std::string> all;
  for (const auto& ids : containers) all.insert(all.end(), ids.begin(), ids.end());
  TRY(choose(*offered, all));
  if (hooks_.allocate) TRY(hooks_.allocate(resource_, all));
  std::vector<AllocateResponse> given;
  given.reserve(containers.size());
  for (const auto& ids : containers) {
    const auto devices = TRY(choose(*offered, ids));
    write_device_info(devices);
    if (settings_.handover == Handover::device_specs) note_nodes(devices);
    given.push_back(allocate_response(resource_, devices, settings_.handover));
  }
  return given;
}

Result<> ClassAnswers::starts(const std::vector<std::string>& ids) {
  return hooks_.starts ? hooks_.starts(resource_, ids) : Result<>();
}

void ClassAnswers::note_nodes(const std::vector<const Device*>& devices) const {
  for (const Device* const device : devices) {
    static_cast<void>(hooks_.note_nodes(resource_, *device));
  }
}

// Only tells others which device an attachment has: not worth failing a pod for.
void ClassAnswers::write_device_info(const std::vector<const Device*>& devices) const {
  if (settings_.device_info_dir.empty()) return;
  for (const Device* const device : devices) {
    const std::string path =
        fmt::format("{}/{}", settings_.device_info_dir, device_info_name(resource_, device->id));
    if (const Result<> written = publish_file(path, device_info(*device)); !written) {
      hooks_.tell(
          {.event = Event::trouble, .resource = resource_, .text = written.error().message()});
    }
  }
}

}  // namespace sluice::plugin
