#pragma once

#include <memory>
#include <mutex>

#include "agent/node_state.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// The node as it was last read, for those who ask at any time. Thread-safe.
class LatestNode {
 public:
  struct Kept {
    NodeState node;
    SetAside aside;
  };

  void keep(const NodeState& node, const SetAside& aside) {
    auto kept = std::make_shared<const Kept>(Kept{.node = node, .aside = aside});
    const std::lock_guard lock(mutex_);
    kept_.swap(kept);
  }

  /// Null before the first reading.
  std::shared_ptr<const Kept> latest() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

 private:
  mutable std::mutex mutex_;  // Guards kept_.
  std::shared_ptr<const Kept> kept_;
};

}  // namespace sluice
