#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "pkg/base/bit_rate.h"
#include "pkg/base/pci_address.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A lane made of an SR-IOV virtual function.
struct OfVf {
  PciAddress vf;

  friend bool operator==(const OfVf&, const OfVf&) = default;
};

/// A lane made of a child link of an uplink.
struct OfUplink {
  std::string uplink;                ///< Its name.
  std::string child = "macvlan";     ///< "macvlan" or "veth".
  std::optional<BitRate> line_rate;  ///< The uplink's, where it does not tell.

  friend bool operator==(const OfUplink&, const OfUplink&) = default;
};

/// What a lane is made of, a kind a provider. std::monostate: not said yet.
using Material = std::variant<std::monostate, OfVf, OfUplink>;

/// A lane to be given to a pod.
struct LaneRequest {
  Material made_of;
  Owner owner;                     ///< `netns_cookie` is filled in by attach().
  std::optional<BitRate> floor;    ///< Absent: the offered class's or the grant's, else none.
  std::optional<BitRate> ceiling;  ///< Absent: the offered class's or the grant's, else none.
  /// MAC, VLAN, spoofchk, trust, link state; not the rate. What a grant sets goes before.
  VfSettings settings;
  std::optional<int> mtu;  ///< A grant's goes before.
  /// There is a lane only with a grant of the VF for the owner's pod: by that it was asked for.
  bool needs_grant = false;
  /// The link stays where it is, as it is: for pods on the host's network. Set by
  /// Lanes::attach_in_place(); of VFs alone.
  bool in_place = false;

  /// How long to wait for a VF that its previous owner has not released yet, and for the port's
  /// lock. Kubelet hands a VF on before the runtime has run the old sandbox's DEL, which a busy
  /// node can put off for half a minute; a sandbox that fails costs more than that.
  std::chrono::milliseconds timeout{60'000};
};

}  // namespace sluice
