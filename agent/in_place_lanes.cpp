#include "agent/in_place_lanes.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sluice {

Result<Lane> InPlaceLanes::attach(LaneRequest request) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + request.timeout;
  const std::unique_lock lock(mutex_, deadline);
  if (!lock) {
    return Error(Code::busy, fmt::format("other lanes were made for {} ms on the host's network",
                                         request.timeout.count()));
  }
  request.timeout =
      std::max(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()), {});
  return lanes_.attach_in_place(request);
}

Result<> InPlaceLanes::detach(const AttachmentId& attachment, const std::string& hint) {
  const std::lock_guard lock(mutex_);
  return lanes_.detach(attachment, hint);
}

Result<> InPlaceLanes::detach_all(const AttachmentId& attachment) {
  const std::lock_guard lock(mutex_);
  return lanes_.detach_all(attachment);
}

}  // namespace sluice
