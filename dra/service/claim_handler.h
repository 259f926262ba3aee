#pragma once

#include <string>
#include <vector>

#include "dra/claim/claim_ref.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"

namespace sluice::dra {

/// A device of a claim that is ready for containers.
struct PreparedDevice {
  std::vector<std::string> requests;  ///< Main requests; none: of all.
  std::string pool;
  std::string device;
  std::vector<std::string> cdi_ids;  ///< Qualified names.
  std::string share_id;              ///< As allocated; empty: the whole device.
  Rate rate;                         ///< For the log.

  friend bool operator==(const PreparedDevice&, const PreparedDevice&) = default;
};

/// What a driver does for claims. Called from several threads at once, also for one claim: the
/// kubelet repeats a call that took it too long. Each call ends within 40 s, for the kubelet waits
/// 45, and a failed one is repeated no sooner than a minute later: trouble that passes is best
/// waited out within the call.
class ClaimHandler {
 public:
  virtual ~ClaimHandler() = default;

  /// The claim's devices are ready when this returns. The same answer each time until the claim is
  /// unprepared: after its restart the kubelet asks again for pods that run. The Error is shown to
  /// the pod's owner.
  virtual Result<std::vector<PreparedDevice>> prepare(const ClaimRef& claim) = 0;

  /// Undoes it. Success for a claim that is not known. The object may be gone from the API, so
  /// what to undo is known by the UID. Repeated by the kubelet until it succeeds.
  virtual Result<> unprepare(const ClaimRef& claim) = 0;
};

}  // namespace sluice::dra
