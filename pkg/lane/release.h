#pragma once

#include <chrono>

#include "pkg/lane/lanes.h"

namespace sluice {

/// How long a verb other than attach waits for a port's lock: many times what a holder needs for
/// one lane, so that only a stuck kernel makes it fail.
inline constexpr std::chrono::seconds kLockTimeout{30};

/// Whether the attachment, which must outlive the answer, brought the lane into its pod.
inline auto belongs_to(const AttachmentId& attachment) {
  return [&attachment](const LaneRecord& lane) {
    return lane.owner.container_id == attachment.container_id &&
           lane.owner.attached_by() == attachment.ifname;
  };
}

/// Whether neither an attach nor a release is at the lane, or has died at it.
inline bool is_settled(const LaneRecord& lane) {
  return lane.phase == Phase::configured || lane.phase == Phase::attached;
}

/// Adds the time it lives.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::nanoseconds& sum) : sum_(sum) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { sum_ += std::chrono::steady_clock::now() - start_; }

 private:
  std::chrono::nanoseconds& sum_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace sluice
