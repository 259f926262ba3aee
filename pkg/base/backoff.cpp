#include "pkg/base/backoff.h"

#include <algorithm>

namespace sluice {

Backoff::Backoff(Limits limits, std::uint32_t seed)
    : limits_(limits), whole_(limits.first), random_(seed) {}

std::chrono::milliseconds Backoff::next() {
  using Count = std::chrono::milliseconds::rep;
  std::uniform_int_distribution<Count> part(whole_.count() / 2, whole_.count());
  const std::chrono::milliseconds wait(part(random_));
  whole_ = std::min(whole_ * 2, limits_.longest);
  return wait;
}

}  // namespace sluice
