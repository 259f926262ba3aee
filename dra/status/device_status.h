#pragma once

#include <string>
#include <vector>

#include "dra/claim/claim_ref.h"
#include "pkg/base/rate.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/record.h"

namespace sluice::dra {

/// A condition as Kubernetes has them (meta/v1 Condition), without its type and times.
struct Condition {
  enum class Status { yes, no, unknown };

  Status status = Status::unknown;
  std::string reason;   ///< One word in CamelCase; never empty.
  std::string message;  ///< For people; changes only when what it tells of does.

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// What a claim's status says of one of its devices. Texts are empty where there is nothing to say.
struct DeviceStatus {
  std::string request;                 ///< As allocated: "vf0", or "vf0/large".
  Condition ready;                     ///< The lane is in its pod, and set as it should be.
  Condition bandwidth_enforced;        ///< The port keeps floor and ceiling.
  std::string interface;               ///< Name in the pod.
  std::string hardware_address;        ///< "60:00:00:00:00:e1"
  std::vector<std::string> addresses;  ///< "10.1.0.2/24"
  std::string vf;                      ///< PCI address
  std::string port;                    ///< PCI address
  Rate rate;                           ///< Promised and allowed.
  std::string rdma_device;             ///< "mlx5_4"

  friend bool operator==(const DeviceStatus&, const DeviceStatus&) = default;
};

/// What the status of a claim is to say: its devices in the order of their allocation; none when
/// the claim is not prepared any more.
struct ClaimStatus {
  ClaimRef ref;
  std::vector<DeviceStatus> devices;

  friend bool operator==(const ClaimStatus&, const ClaimStatus&) = default;
};

/// What is known of a granted VF.
struct LaneView {
  const GrantedVf& granted;
  const PortRecord* port = nullptr;    ///< Its port in the ledger; nullptr: without a record.
  const LaneRecord* lane = nullptr;    ///< The lane of the grant's pod; nullptr: not yet one.
  std::string rdma_device;             ///< Of the VF, wherever it is.
  std::string host_link;               ///< Of the VF, where it is on the host; else empty.
  std::vector<std::string> addresses;  ///< Given to the lane by its network.
  std::string rate_drift;      ///< Both rates, where they differ and could not be written again.
  std::string settings_drift;  ///< The same of its other settings.
};

/// What the claim's status says of it. Pure.
///
/// Ready          True `Attached`; False `NotAttached`, `LaneLost`, `SettingsDiffer`
/// BandwidthEnforced  True `ByPort`, `FloorByWeight` and `FloorByCeilings` where the port has no
///                    guarantees of its own; False `PortEnforcesNoRates`, `PortTooSlow`,
///                    `RateDiffers`, `LaneLost`; Unknown `NotAttached`
DeviceStatus device_status(const LaneView& view);

}  // namespace sluice::dra
