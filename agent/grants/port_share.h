#pragma once

#include <span>
#include <string>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/config/config.h"
#include "pkg/config/shares.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/promises.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/placement/node_ports.h"

namespace sluice {

/// A front end's share of a port, as it is now: without what another front end offers still, for
/// the share has grown and that offer is yet to be withdrawn.
struct FrontEndShare {
  const Port* hardware = nullptr;
  const DriverCapability* capability = nullptr;
  BitRate line_rate;            ///< As last known; zero while unknown.
  BitRate bandwidth;            ///< What the front end may promise.
  BitRate promised;             ///< What it has, and what others took beyond their own shares.
  std::vector<const Vf*> vfs;   ///< All of the share, by index.
  std::vector<const Vf*> free;  ///< Without lane and grant.

  /// Not granted: the pod that had it may not have given it back yet. The CNI plugin waits for
  /// that.
  std::vector<const Vf*> leaving;
  std::vector<std::string> networks = {};  ///< As networks_of() all VFs that are configured for it.
};

/// All promises on a port of the inventory, whose record may be null. Views the record and what is
/// set aside.
std::vector<Promise> promises_on(const Port& port, const PortRecord* record, const SetAside& aside);

/// What placement and NodeLanes call it.
Medium medium_of(LinkType type);

/// As last known: a record keeps it while the wire is down. Zero while unknown.
BitRate line_rate_of(const Port& port, const PortRecord* record);

/// What the lanes of a port may be promised together; zero where the configuration has no rule for
/// it.
BitRate usable_of(const Port& port, const Config& config, BitRate line_rate);

/// The port's parts as the configuration has them; all empty without a rule for it.
Shares shares_of(const Port& port, const Config& config, BitRate line_rate);

/// The names of the networks that each of these VFs of the port can have, in the order of the
/// configuration; none for no VF. A network of some of them alone is left out, for which VF a lane
/// is made of is not known where its port is chosen.
std::vector<std::string> networks_of(const Port& port, std::span<const int> vfs,
                                     const Config& config);

/// `port` must outlive the answer. Without a rule of the configuration the share is empty. Pure.
FrontEndShare port_share(FrontEndName front_end, const Port& port, const Config& config,
                         const PortRecord* record, const SetAside& aside);

/// As place() takes it, under the port's address; of the free VFs those that a lane can be made of.
NodePort node_port(const FrontEndShare& share);

}  // namespace sluice
