#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/cdi/spec.h"

namespace sluice::dra {

/// Kind of the CDI devices of claims.
inline constexpr std::string_view kClaimCdiKind = "sluice.dev/claim";

/// A lane of a claim as its containers see it.
struct CdiLane {
  std::string request;      ///< Main request: "vf0".
  std::string vf;           ///< PCI address
  std::string rdma_device;  ///< "mlx5_3"; empty: none.
  std::string interface;    ///< In the pod; empty: not known before the pod has it.
  Rate rate;
  std::vector<std::string> char_devices;  ///< "uverbs3", "umad3"
  std::string vfio_group;                 ///< "12"; empty unless bound to vfio-pci.

  friend bool operator==(const CdiLane&, const CdiLane&) = default;
};

/// "sluice.dev/claim=<uid>-vf0-2": the CDI device of the third lane of a claim, of request vf0.
/// Its containers ask for it, those that name another request do not.
std::string cdi_id(std::string_view uid, const CdiLane& lane, std::size_t index);

/// What containers get with the claim: a device for each lane, with the VF's character devices and
/// with a variable that tells of it, and the hooks. A pod may have several claims and its
/// container all of them, so variables are named by the VF:
///
///     SLUICE_LANE_0000_3B_02_1={"request":"vf0","vf":"0000:3b:02.1","rdmaDevice":"mlx5_3",
///                               "interface":"rail0","floor":"25G","ceiling":"50G"}
///
/// Members without a value are left out: no ceiling, no RDMA device, no name yet. Pure.
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
