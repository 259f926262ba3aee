#include "scheduler/moving_nodes.h"

#include <algorithm>
#include <utility>

#include "scheduler/extender_api.h"
#include "scheduler/offer_room.h"

namespace sluice {

MovingNodes::Refusals MovingNodes::refusals(const PodFacts& pod,
                                            std::span<const std::string_view> nodes) {
  Refusals refused;
  if (pod.classes.empty()) return refused;
  const auto wished = view_.wished_states();
  if (wished.empty()) return refused;
  const Time now = now_();
  const std::lock_guard lock(mutex_);
  const ClassLanes asked = with_pending(pod, now);
  bool passes = false;
  for (std::size_t position = 0; position < nodes.size(); ++position) {
    const auto state = wished.find(nodes[position]);
    if (state == wished.end()) continue;
    const std::string reason = refusal(state->second->room, asked);
    passes = passes || reason.empty();
    if (!reason.empty()) refused.emplace(position, quoted_json(reason));
  }
  if (passes) {
    passed_.push_back({.uid = pod.uid, .classes = pod.classes, .until = now + kPending});
  }
  return refused;
}

/// What the pod asks for, and of the same classes those that were let pass before it.
ClassLanes MovingNodes::with_pending(const PodFacts& pod, Time now) {
  std::erase_if(passed_, [&](const Passed& each) {
    return each.uid == pod.uid || each.until <= now || view_.counts_pod(each.uid);
  });
  ClassLanes asked = pod.classes;
  for (auto& [name, count] : asked) {
    for (const Passed& each : passed_) count += count_of(each.classes, name);
  }
  return asked;
}

}  // namespace sluice
