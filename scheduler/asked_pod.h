#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "pkg/annotations/annotations.h"
#include "scheduler/pod_facts.h"

namespace sluice {

/// A pod that is to be scheduled, and what it asks of a node.
struct AskedPod {
  PodFacts facts;
  std::optional<PodAsk> ask;  ///< nullopt: no lanes of the pods' share.
  std::string shape;          ///< Equal for equal asks, empty without one.
  std::string malformed;      ///< Why its annotation makes no sense for it; empty: it does.
};

AskedPod asked_pod(PodFacts facts);

/// The pods that decisions were asked about last, so that a bind need not ask the API what it is
/// about. Bounded; the oldest are forgotten. Thread-safe.
class RecentPods final {
 public:
  /// More than kube-scheduler has between filter and bind at any time: it decides one by one, and
  /// binds in as many goroutines as the API server lets it (50 queries a second by default).
  static constexpr std::size_t kMost = 4096;

  void add(std::shared_ptr<const AskedPod> pod);

  /// nullptr when it is not known.
  std::shared_ptr<const AskedPod> find(const std::string& uid) const;

 private:
  mutable std::mutex mutex_;  // Guards those below.
  std::unordered_map<std::string, std::shared_ptr<const AskedPod>> pods_;
  std::deque<std::string> order_;  // Oldest first.
};

}  // namespace sluice
