#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "scheduler/node_state.h"
#include "scheduler/pod_facts.h"

namespace sluice {

/// Pods that wait because kube-scheduler found too few offers of a class. Thread-safe.
class WaitingPods final {
 public:
  /// A list begins: a pod that it does not show is gone when it ends.
  void begin();
  void end();

  /// Remembers the pod while it waits for a class. Of more pods than kMost those that come later
  /// are passed over until others are served.
  void set(const PodFacts& pod);
  void drop(const std::string& uid);

  /// What each lacks, in the order of their UIDs.
  std::vector<ClassLanes> lacking() const;

  /// More than kube-scheduler binds in the time that moves of offers take.
  static constexpr std::size_t kMost = 1000;

 private:
  struct Pod {
    ClassLanes lacks;
    std::uint32_t seen = 0;
  };

  mutable std::mutex mutex_;  // Guards those below.
  std::uint32_t list_ = 0;
  std::map<std::string, Pod> pods_;  // By UID.
};

}  // namespace sluice
