#include "scheduler/waiting_pods.h"

namespace sluice {

void WaitingPods::begin() {
  const std::lock_guard lock(mutex_);
  ++list_;
}

void WaitingPods::end() {
  const std::lock_guard lock(mutex_);
  std::erase_if(pods_, [this](const auto& each) { return each.second.seen != list_; });
}

void WaitingPods::set(const PodFacts& pod) {
  const std::lock_guard lock(mutex_);
  const auto known = pods_.find(pod.uid);
  const bool waits = pod.node.empty() && !pod.is_over && !pod.lacking.empty();
  if (!waits) {
    if (known != pods_.end()) pods_.erase(known);
    return;
  }
  if (known == pods_.end() && pods_.size() >= kMost) return;
  pods_[pod.uid] = {.lacks = pod.lacking, .seen = list_};
}

void WaitingPods::drop(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  pods_.erase(uid);
}

std::vector<ClassLanes> WaitingPods::lacking() const {
  const std::lock_guard lock(mutex_);
  std::vector<ClassLanes> all;
  all.reserve(pods_.size());
  for (const auto& [uid, pod] : pods_) all.push_back(pod.lacks);
  return all;
}

}  // namespace sluice
