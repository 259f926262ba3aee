#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <utility>

namespace sluice {

/// How long to wait before trying again: twice as long each time, up to a longest. Not thread-safe.
class Backoff {
 public:
  struct Limits {
    std::chrono::milliseconds first;
    std::chrono::milliseconds longest;
  };

  explicit Backoff(Limits limits) : limits_(limits), next_(limits.first) {}

  std::chrono::milliseconds next() {
    return std::exchange(next_, std::min(next_ * 2, limits_.longest));
  }

  /// After a success: the next wait is the first again.
  void reset() { next_ = limits_.first; }

 private:
  Limits limits_;
  std::chrono::milliseconds next_;
};

/// Of each such wait a random part between half and all, so that a thousand nodes do not come back
/// together. Not thread-safe.
class SpreadBackoff {
 public:
  SpreadBackoff(Backoff::Limits limits, std::uint32_t seed) : whole_(limits), random_(seed) {}

  std::chrono::milliseconds next();

  void reset() { whole_.reset(); }

 private:
  Backoff whole_;
  std::minstd_rand random_;
};

}  // namespace sluice
