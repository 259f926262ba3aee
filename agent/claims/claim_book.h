#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/live_config.h"
#include "agent/networks.h"
#include "dra/claim/claim_ref.h"
#include "dra/claim/lanes_of.h"
#include "pkg/base/pci_address.h"
#include "pkg/fs/dir.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// A claim that is to be granted its lanes.
struct ClaimAsk {
  dra::ClaimRef ref;
  std::string pod_uid;
  bool has_others = false;  ///< As Grant::has_others.
  std::vector<dra::ClaimedLane> lanes;
};

/// The grants of claims: which VFs they have, and what is promised for them. Changes of one are
/// made under the locks of its ports, so that the sum holds whatever the scheduler believed.
/// Thread-safe.
class ClaimBook {
 public:
  /// All must outlive this object.
  struct Parts {
    const Dir& sysfs;
    const Ledger& ledger;
    const SetAsideStore& aside;
    const LiveConfig& config;
  };

  explicit ClaimBook(const Parts& parts) : parts_(parts), networks_(parts.config, parts.sysfs) {}

  /// The ports by the names that claims have for them.
  void know(std::map<std::string, PciAddress> devices);

  /// The claim's lanes, on disk when this returns; those that it was granted before, where it was.
  /// A VF without a lane goes before one whose last pod has not given it back.
  ///
  ///   not_found         a device is not a port of this node's, or not one for claims
  ///   exhausted         more than is left of the port's share, or of its VFs, with both numbers
  ///   invalid_argument  a lane that the port cannot give, or a network that is not for it
  ///   busy              a port is locked
  Result<Grant> grant(const ClaimAsk& ask);

  /// Success for a claim that has no grant.
  Result<> release(const std::string& uid);

  /// The grants of claims.
  Result<std::vector<Grant>> grants() const;

 private:
  struct Choice;
  using Choices = std::map<PciAddress, std::unique_ptr<Choice>>;

  Result<PciAddress> port_of(const dra::ClaimedLane& lane) const;
  Result<Choices> open_ports(const ClaimAsk& ask) const;
  Result<GrantedVf> choose(const dra::ClaimedLane& lane, Choices& choices) const;
  Result<> make(const ClaimAsk& ask, Grant& grant) const;
  Result<> complete(const dra::ClaimedLane& lane, GrantedVf& granted) const;

  Parts parts_;
  Networks networks_;
  mutable std::mutex mutex_;  // Guards the devices, and the change of the grants.
  std::map<std::string, PciAddress> devices_;
};

}  // namespace sluice
