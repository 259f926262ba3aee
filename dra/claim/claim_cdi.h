#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/cdi/cdi_lane.h"
#include "pkg/cdi/spec.h"

namespace sluice::dra {

/// Kind of the CDI devices of claims.
inline constexpr std::string_view kClaimCdiKind = "sluice.dev/claim";

/// "sluice.dev/claim=<uid>-vf0-2": the CDI device of the third lane of a claim, of request vf0.
/// Its containers ask for it, those that name another request do not.
std::string cdi_id(std::string_view uid, const CdiLane& lane, std::size_t index);

/// Whether such a device is of that claim.
bool is_of_claim(std::string_view cdi_id, std::string_view uid);

/// What containers get with the claim: a device for each lane, with the VF's character devices and
/// with variable_of() it, and the hooks. Lanes of classes have the device plugin's variable
/// besides, with the VFs that their request has of the class:
///
///     PCIDEVICE_SLUICE_DEV_GOLD=0000:3b:02.1,0000:3b:02.2
///
/// Pure.
CdiSpec claim_cdi_spec(std::string_view uid, const std::vector<CdiLane>& lanes,
                       const std::vector<CdiHook>& hooks);

/// The CDI files of claims, "sluice.dev-claim_<uid>.json". They do not outlive a reboot, so they
/// are written with each Prepare.
class ClaimCdi {
 public:
  /// `path` is /var/run/cdi on a node, and need not exist yet. Hooks are as in CdiSpec.
  ClaimCdi(std::string path, std::vector<CdiHook> hooks)
      : directory_(std::move(path)), hooks_(std::move(hooks)) {}

  /// Runtimes know the devices when it returns. Does not touch a file that says it already; a
  /// claim without lanes has none. invalid_argument for a UID that is no name, with nothing
  /// written.
  Result<> write(const std::string& uid, const std::vector<CdiLane>& lanes) const;

  /// Success when there is none.
  Result<> remove(const std::string& uid) const;

  /// UIDs of the claims that have a file, sorted.
  Result<std::vector<std::string>> uids() const;

 private:
  CdiDirectory directory_;
  std::vector<CdiHook> hooks_;
};

}  // namespace sluice::dra
