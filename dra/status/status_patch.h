#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "dra/status/device_status.h"
#include "pkg/base/result.h"

namespace sluice::dra {

/// What is to be done so that a claim's status says what it should.
struct StatusStep {
  enum class Kind {
    none,   ///< It says so.
    apply,  ///< Apply `patch` to the claim's status.
    gone,   ///< There is no such allocation any more: nothing to say.
  };

  Kind kind = Kind::none;
  std::string patch;  ///< JSON, for server-side apply.
};

/// "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train"
std::string claim_path(const ClaimRef& claim);

/// Compares what the status of `claim`, the object as the API server answers it, says of the
/// devices of `driver` with what is wanted: by meaning, whatever is beside it and in which order.
/// The patch names the claim's UID, so that it never changes another claim of the same name; its
/// entries are all that the driver has to say, and none where `wanted` has no devices. A condition
/// keeps its lastTransitionTime while its status is the same, else that is `now`.
///
/// gone: the claim has another UID, is not allocated, or was allocated something else since.
/// invalid_argument for what is no claim. Pure.
Result<StatusStep> status_step(const ClaimStatus& wanted, std::string_view claim,
                               std::string_view driver, std::chrono::system_clock::time_point now);

}  // namespace sluice::dra
