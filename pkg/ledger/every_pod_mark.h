#pragma once

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// The node's word to the CNI plugin that any pod may have lanes of which only the agent knows:
/// where ports have a share for pods, which ask by annotation. A file that is there or not; the
/// agent alone makes and removes it. It outlives a reboot, so that no pod starts without its lanes
/// before the agent does. Thread-safe.
class EveryPodMark {
 public:
  /// `state_dir` is /var/lib/sluice on a node; need not exist yet.
  explicit EveryPodMark(const std::string& state_dir) : path_(state_dir + "/ask-for-every-pod") {}

  /// Also where that cannot be said.
  bool is_set() const;

  /// On disk when this returns.
  Result<> set() const;
  Result<> clear() const;

 private:
  std::string path_;
};

}  // namespace sluice
