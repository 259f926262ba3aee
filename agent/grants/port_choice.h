#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "agent/grants/port_share.h"
#include "pkg/annotations/lane_config.h"
#include "pkg/base/pci_address.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/ledger.h"

namespace sluice {

/// A port while VFs of a share of it are chosen for lanes, with its lock held. One thread.
class PortChoice {
 public:
  PortChoice(Port hardware, LockedPort locked)
      : port_(std::move(hardware)), locked_(std::move(locked)) {}

  PortChoice(const PortChoice&) = delete;
  PortChoice& operator=(const PortChoice&) = delete;
  ~PortChoice() = default;

  /// What the share has now; before any choice.
  void look(FrontEndName front_end, const Config& config, const SetAside& aside);

  const Port& port() const { return port_; }
  const FrontEndShare& share() const { return share_; }

  /// The next VF that a lane with these settings can be made of and that it may have: one without a
  /// lane goes before one whose last pod has not given it back. No other lane gets it then;
  /// nullptr: there is none.
  const Vf* take(const LaneConfig& settings, const std::function<bool(PciAddress)>& may_have);

  /// What a lane of the rate costs counts from now on. The errors of validate() and admit().
  Result<> promise(const Rate& rate);

 private:
  const Port port_;
  LockedPort locked_;
  FrontEndShare share_;  // Points to the port.
};

using PortChoices = std::map<PciAddress, std::unique_ptr<PortChoice>>;

/// Reads the ports and takes their locks in the order of their addresses, so that no two calls wait
/// for each other. busy when a port is gone, has no driver or link, or the locks were not to be had
/// within `timeout`: an attach or a release holds a port for less than seconds, save one whose
/// driver hangs.
Result<PortChoices> open_ports(const Dir& sysfs, const Ledger& ledger,
                               const std::set<PciAddress>& ports,
                               std::chrono::milliseconds timeout);

}  // namespace sluice
