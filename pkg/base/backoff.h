#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace sluice {

/// How long to wait before trying again: twice as long each time up to a longest, and of that a
/// random part between half and all, so that a thousand nodes do not come back together. Not
/// thread-safe.
class Backoff {
 public:
  struct Limits {
    // As client-go's reflector waits (tools/cache/reflector.go).
    std::chrono::milliseconds first{800};
    std::chrono::milliseconds longest{30'000};
  };

  Backoff(Limits limits, std::uint32_t seed);

  std::chrono::milliseconds next();

  /// After a success: the next wait is the first again.
  void reset() { whole_ = limits_.first; }

 private:
  Limits limits_;
  std::chrono::milliseconds whole_;
  std::minstd_rand random_;
};

}  // namespace sluice
