#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/pod_lanes/in_place_lanes.h"
#include "dra/claim/lanes_of.h"
#include "pkg/base/result.h"
#include "pkg/base/rollback.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// Lanes of claims whose pods are on the host's network: an attachment a claim, named by the
/// claim's UID, so that they are found without the grant. Calls for one claim come one at a time;
/// any number of threads.
class HostClaims {
 public:
  /// The references must outlive this object.
  struct Parts {
    InPlaceLanes& lanes;
    const Ledger& ledger;
    std::string proc;  ///< "/proc", with the processes of the host.
  };

  explicit HostClaims(Parts parts) : parts_(std::move(parts)) {}

  /// unsupported, naming the request, for what would change a link of the host: an interface name,
  /// an MTU, a MAC, addresses of a network.
  static Result<> check(const std::vector<dra::ClaimedLane>& lanes);

  /// Takes back lanes that the claim has in place for another pod than that of the UID. busy while
  /// that one's processes live: a claim's lanes are one pod's.
  Result<> make_way(const std::string& claim_uid, const std::string& pod_uid);

  /// Makes the grant's VFs lanes of `pod`, "namespace/name", as far as they are not yet. What this
  /// call has made is added to `undo`. The errors of Lanes::attach(); all of them are waited for
  /// until `deadline`.
  Result<> attach(const Grant& grant, const std::string& pod,
                  std::chrono::steady_clock::time_point deadline, Rollback& undo);

  /// Takes back all that the claim has in place; success when that is nothing.
  Result<> release(const std::string& claim_uid);

 private:
  Result<std::vector<LaneRecord>> lanes_of(const std::string& claim_uid) const;

  Parts parts_;
};

/// Whether it is of a claim, in place.
bool is_host_claims(const LaneRecord& lane);

}  // namespace sluice
