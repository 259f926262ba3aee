#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace sluice {

/// Undo steps of a half-done operation, run newest first unless dismissed. A step must not throw
/// and must cope with a world in which its own effect is already gone.
class Rollback {
 public:
  Rollback() = default;
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;

  ~Rollback() {
    while (!steps_.empty()) {
      const std::function<void()> step = std::move(steps_.back());
      steps_.pop_back();
      step();
    }
  }

  void add(std::function<void()> step) { steps_.push_back(std::move(step)); }

  void dismiss() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace sluice
