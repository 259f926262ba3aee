#include "pkg/kubelet/allocations.h"

#include <set>

namespace sluice {

void Allocations::allocated(const std::string& resource, const std::vector<std::string>& ids,
                            Moment now) {
  for (const std::string& id : ids) held_[{resource, id}].given = now;
}

Allocations::Change Allocations::observe(const std::vector<PodDevice>& listed, Moment asked,
                                         Listing listing) {
  Change change;
  std::set<DeviceKey> there;
  for (const PodDevice& device : listed) {
    const DeviceKey key{device.resource, device.id};
    there.insert(key);
    Hold& hold = held_[key];
    // A pod that was listed before the device went to the next one confirms nothing.
    if (hold.given && *hold.given <= asked) hold.given.reset();
    if (hold.by == device) continue;
    hold.by = device;
    change.taken.push_back(device);
  }
  if (listing == Listing::partial) return change;
  for (auto at = held_.begin(); at != held_.end();) {
    const bool may_come = at->second.given && *at->second.given + kAdmission > asked;
    if (there.contains(at->first) || may_come) {
      ++at;
      continue;
    }
    change.released.push_back(at->first);
    at = held_.erase(at);
  }
  return change;
}

std::vector<DeviceKey> Allocations::all() const {
  std::vector<DeviceKey> devices;
  for (const auto& [device, hold] : held_) devices.push_back(device);
  return devices;
}

}  // namespace sluice
