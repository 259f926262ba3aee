#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// Pods and their lanes, as a test says. Thread-safe.
class FakePodLanes final : public PodLanes {
 public:
  /// `pod` is "namespace/name".
  void give(const std::string& pod, std::vector<PodLane> lanes) {
    const std::lock_guard lock(mutex_);
    pods_[pod] = std::move(lanes);
  }

  /// All questions fail from now on.
  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    failure_ = error;
  }

  std::vector<PodId> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(pod);
    if (failure_) return *failure_;
    const auto found = pods_.find(pod.name_space + "/" + pod.name);
    return found == pods_.end() ? std::vector<PodLane>() : found->second;
  }

 private:
  mutable std::mutex mutex_;  // Guards those below.
  std::map<std::string, std::vector<PodLane>> pods_;
  std::optional<Error> failure_;
  std::vector<PodId> asked_;
};

}  // namespace sluice
