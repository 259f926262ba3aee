#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/base/pci_address.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A pod as its container runtime names it.
struct PodId {
  std::string name_space;
  std::string name;
  std::string uid;  ///< May be empty: not every runtime tells.

  friend bool operator==(const PodId&, const PodId&) = default;
};

/// What a lane has beside bandwidth and the settings of its VF.
struct LaneNetwork {
  std::string name;  ///< For people.
  /// A network configuration in the CNI's words: its `ipam` gives the lane addresses, its `routes`
  /// are added to theirs, and with `rules` the lane has a routing table of its own. Empty: no
  /// addresses.
  std::string cni;
  std::optional<int> mtu;

  friend bool operator==(const LaneNetwork&, const LaneNetwork&) = default;
};

/// A lane that a pod is to get.
struct PodLane {
  PciAddress vf;
  std::string class_name;  ///< "gold"; for people.
  std::string ifname;      ///< Name in the pod; empty: the CNI plugin chooses; "eth%d": a number.
  std::string grant = {};  ///< Name of the claim or pod that it is granted to; for people.
  /// Absent: that of the VF's offer or grant.
  std::optional<Rate> rate = {};
  /// MAC, VLAN, spoofchk, trust, link state: they go before those of the CNI configuration.
  VfSettings settings = {};
  std::optional<LaneNetwork> network = {};

  friend bool operator==(const PodLane&, const PodLane&) = default;
};

/// The lane that a grant's VF is to become. invalid_argument for what is no PCI address.
Result<PodLane> granted_lane(const Grant& grant, const GrantedVf& granted);

/// Knows which lanes a pod is to get: the agent, and the client that asks it (client.h).
class PodLanes {
 public:
  virtual ~PodLanes() = default;

  /// In the order in which they are to be attached; none for a pod that has no lanes. busy or
  /// timed_out when that cannot be said now and asking again can help. An implementation in the
  /// agent is called from several threads at a time.
  virtual Result<std::vector<PodLane>> lanes_of(const PodId& pod) = 0;
};

}  // namespace sluice
