#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "pkg/base/result.h"
#include "pkg/lane/lanes.h"
#include "pkg/ledger/record.h"

namespace sluice {

/// The lanes of pods on the host's network, for whichever front end gives them: no CNI plugin is
/// run for such pods, so the agent puts rates and settings in force and takes them back. Links and
/// addresses of the host are left alone. Any number of threads.
class InPlaceLanes {
 public:
  /// `lanes` is used by this object alone and must outlive it.
  explicit InPlaceLanes(Lanes& lanes) : lanes_(lanes) {}

  /// As Lanes::attach_in_place(). busy, too, when other lanes were at work for the whole of the
  /// request's timeout.
  Result<Lane> attach(LaneRequest request);

  /// Makes the granted VF that `owner.ifname` names a lane of its, unless it is one already:
  /// `there` is the owner's lane of it on record, or nullptr. One that is not in force is what a
  /// crash has left of an attach, and is taken back first. Says whether the lane was made; the
  /// errors of attach(), which waits until `deadline`.
  Result<bool> attach_granted(const Owner& owner, const LaneRecord* there,
                              std::chrono::steady_clock::time_point deadline);

  /// As Lanes::detach() and Lanes::detach_all().
  Result<> detach(const AttachmentId& attachment, const std::string& hint);
  Result<> detach_all(const AttachmentId& attachment);

 private:
  Lanes& lanes_;
  std::timed_mutex mutex_;  // Guards the lanes.
};

}  // namespace sluice
