#include "agent/pod_lanes/in_place_lanes.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds until(Clock::time_point deadline) {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()),
                  {});
}

}  // namespace

Result<Lane> InPlaceLanes::attach(LaneRequest request) {
  const Clock::time_point deadline = Clock::now() + request.timeout;
  const std::unique_lock lock(mutex_, deadline);
  if (!lock) {
    return Error(Code::busy, fmt::format("other lanes were made for {} ms on the host's network",
                                         request.timeout.count()));
  }
  request.timeout = until(deadline);
  return lanes_.attach_in_place(request);
}

Result<bool> InPlaceLanes::attach_granted(const Owner& owner, const LaneRecord* there,
                                          Clock::time_point deadline) {
  if (there != nullptr && there->phase == Phase::attached) return false;
  const std::string& vf = owner.ifname;
  constexpr const char* kAttempt = "attach VF {} on the host's network";
  if (there != nullptr) {
    TRY(detach({owner.container_id, owner.attached_by()}, vf).context(kAttempt, vf));
  }
  LaneRequest request;
  request.made_of = OfVf{TRY(PciAddress::parse(vf))};
  request.owner = owner;
  request.needs_grant = true;
  request.timeout = until(deadline);
  TRY(attach(std::move(request)).context(kAttempt, vf));
  return true;
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
