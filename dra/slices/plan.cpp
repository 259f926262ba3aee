#include "dra/slices/plan.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sluice::dra {
namespace {

/// nullptr when there is none, or one that says what Sluice never does.
const Slice* content_of(const StoredSlices& stored, const std::string& name) {
  const auto found = stored.find(name);
  return found == stored.end() || !found->second.content ? nullptr : &*found->second.content;
}

/// Whether they say the same, but for the generation.
bool is_same(const Slice& wanted, const Slice* stored) {
  if (stored == nullptr) return false;
  Slice same = wanted;
  same.generation = stored->generation;
  return same == *stored;
}

std::int64_t highest_generation(const StoredSlices& stored) {
  std::int64_t highest = 0;
  for (const auto& [name, slice] : stored) {
    if (slice.content) highest = std::max(highest, slice.content->generation);
  }
  return highest;
}

/// How the slices of the highest generation stand to those wanted.
struct Standing {
  std::size_t old = 0;      // Wanted, and not of this generation.
  std::size_t changed = 0;  // Wanted, and different.
  std::size_t extra = 0;    // Not wanted.
};

Standing standing_of(const std::vector<Slice>& wanted, const StoredSlices& stored,
                     std::int64_t generation) {
  Standing standing;
  std::size_t current = 0;
  for (const auto& [name, slice] : stored) {
    if (slice.content && slice.content->generation == generation) ++current;
  }
  for (const Slice& slice : wanted) {
    const Slice* const now = content_of(stored, slice.name);
    if (now == nullptr || now->generation != generation) {
      ++standing.old;
    } else if (!is_same(slice, now)) {
      ++standing.changed;
    }
  }
  standing.extra = current - (wanted.size() - standing.old);
  return standing;
}

/// The generation that all of `wanted` are to have.
std::int64_t choose_generation(const std::vector<Slice>& wanted, const StoredSlices& stored) {
  const std::int64_t highest = highest_generation(stored);
  if (highest == 0) return 1;
  const Standing standing = standing_of(wanted, stored, highest);
  const bool resumes = standing.changed == 0 && standing.old < wanted.size();
  const bool in_place = standing.changed == 1 && standing.old == 0 && standing.extra == 0;
  return resumes || in_place ? highest : highest + 1;
}

/// The server stamps a taint when it comes; a replacement that did not say when would stamp it
/// again.
void keep_times(Slice& wanted, const Slice& stored) {
  for (Device& device : wanted.devices) {
    const auto same = std::find_if(stored.devices.begin(), stored.devices.end(),
                                   [&](const Device& each) { return each.name == device.name; });
    if (same == stored.devices.end()) continue;
    for (Taint& taint : device.taints) {
      const auto before = std::find(same->taints.begin(), same->taints.end(), taint);
      if (before != same->taints.end()) taint.time_added = before->time_added;
    }
  }
}

}  // namespace

SlicePlan plan_slices(std::vector<Slice> wanted, const StoredSlices& stored) {
  SlicePlan plan;
  const std::int64_t generation = choose_generation(wanted, stored);
  for (const auto& known : stored) {
    const std::string& name = known.second.name;
    const bool is_wanted = std::any_of(wanted.begin(), wanted.end(),
                                       [&](const Slice& each) { return each.name == name; });
    if (!is_wanted) plan.removes.push_back(known.first);
  }
  for (Slice& slice : wanted) {
    slice.generation = generation;
    const Slice* const now = content_of(stored, slice.name);
    if (now != nullptr && slice == *now) continue;
    if (now != nullptr && now->pool != slice.pool) {
      plan.removes.push_back(slice.name);  // A pool's name cannot be changed. Then it is created.
      continue;
    }
    if (now != nullptr) keep_times(slice, *now);
    plan.writes.push_back(std::move(slice));
  }
  return plan;
}

}  // namespace sluice::dra
