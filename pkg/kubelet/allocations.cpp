#include "pkg/kubelet/allocations.h"

#include <algorithm>

namespace sluice {

void Allocations::allocated(const std::string& resource, const std::vector<std::string>& ids,
                            Moment now) {
  for (const std::string& id : ids) held_[{resource, id}].given = now;
}

Allocations::Change Allocations::observe(const Answer& answer) {
  Change change;
  std::set<DeviceKey> there;
  for (const PodDevice& device : answer.listed) {
    const DeviceKey key{device.resource, device.id};
    there.insert(key);
    Hold& hold = held_[key];
    // A pod that was listed before the device went to the next one confirms nothing.
    if (hold.given && *hold.given <= answer.asked) hold.given.reset();
    if (hold.by == device) continue;
    hold.by = device;
    change.taken.push_back(device);
  }
  if (answer.listing == Listing::partial) return change;
  for (auto at = held_.begin(); at != held_.end();) {
    const std::optional<Moment>& given = at->second.given;
    const bool may_come =
        given && (*given + kAdmission > answer.asked || answer.kept.contains(at->first));
    if (there.contains(at->first) || may_come) {
      ++at;
      continue;
    }
    change.released.push_back(at->first);
    at = held_.erase(at);
  }
  return change;
}

bool Allocations::any_unlisted() const {
  return std::any_of(held_.begin(), held_.end(),
                     [](const auto& each) { return each.second.given.has_value(); });
}

std::vector<DeviceKey> Allocations::all() const {
  std::vector<DeviceKey> devices;
  for (const auto& [device, hold] : held_) devices.push_back(device);
  return devices;
}

}  // namespace sluice
