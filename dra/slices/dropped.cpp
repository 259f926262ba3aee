#include "dra/slices/dropped.h"

#include <algorithm>

namespace sluice::dra {
namespace {

bool has_policy(const Device& device) {
  return std::any_of(device.capacity.begin(), device.capacity.end(),
                     [](const auto& entry) { return entry.second.policy.has_value(); });
}

bool is_shared(const Device& device) {
  return device.is_shared;
}

bool has_taints(const Device& device) {
  return !device.taints.empty();
}

bool has_uses(const Device& device) {
  return !device.consumes.empty();
}

/// Whether a device of `sent` has it that has it no longer in `answer`.
bool is_lost(const Slice& sent, const Slice& answer, bool (*has)(const Device&)) {
  for (std::size_t i = 0; i < sent.devices.size(); ++i) {
    const bool kept = i < answer.devices.size() && has(answer.devices[i]);
    if (has(sent.devices[i]) && !kept) return true;
  }
  return false;
}

}  // namespace

ServerFeatures used_by(const Slice& slice) {
  ServerFeatures used;
  if (!slice.counters.empty()) used.counters = true;
  for (const Device& device : slice.devices) {
    if (is_shared(device) || has_policy(device)) used.shared_devices = true;
    if (has_taints(device)) used.taints = true;
    if (has_uses(device)) used.counters = true;
  }
  return used;
}

bool is_proven(const ServerFeatures& server, const Slice& slice) {
  const ServerFeatures used = used_by(slice);
  return (!used.shared_devices || server.shared_devices.has_value()) &&
         (!used.taints || server.taints.has_value()) &&
         (!used.counters || server.counters.has_value());
}

std::vector<std::string> learn(ServerFeatures& server, const Slice& sent, const Slice& answer) {
  std::vector<std::string> dropped;
  const auto look = [&](const char* field, bool (*has)(const Device&)) {
    const bool lost = is_lost(sent, answer, has);
    if (lost) dropped.emplace_back(field);
    return !lost;
  };
  const ServerFeatures used = used_by(sent);
  if (used.shared_devices) {
    const bool shared = look("devices[].allowMultipleAllocations", is_shared);
    server.shared_devices = look("devices[].capacity[].requestPolicy", has_policy) && shared;
  }
  if (used.taints) server.taints = look("devices[].taints", has_taints);
  if (used.counters) {
    const bool are_there = sent.counters.empty() || !answer.counters.empty();
    if (!are_there) dropped.emplace_back("sharedCounters");
    server.counters = look("devices[].consumesCounters", has_uses) && are_there;
  }
  return dropped;
}

}  // namespace sluice::dra
