#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/claims/claim_supply.h"
#include "agent/config/live_config.h"
#include "agent/config/networks.h"
#include "agent/grants/port_choice.h"
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

  /// The devices by the names that claims have for them.
  void know(ClaimDevices devices);

  /// The claim's lanes, on disk when this returns; those that it was granted before, where it was.
  /// A VF without a lane goes before one whose last pod has not given it back. `timeout` is for the
  /// locks of the ports.
  ///
  ///   not_found         a device is none of this node's, or not one for claims
  ///   exhausted         more than is left of the port's share, or of its VFs, with both numbers;
  ///                     or the VF of a class that another claim has
  ///   invalid_argument  a lane that the port or the class cannot give, or a network that is not
  ///                     for it
  ///   busy              a port is gone, or without driver or link, or is locked: by which process
  Result<Grant> grant(const ClaimAsk& ask, std::chrono::milliseconds timeout);

  /// Success for a claim that has no grant.
  Result<> release(const std::string& uid) { return restore(uid, std::nullopt); }

  /// The claim's grant is `before` again, which is none where it had none.
  Result<> restore(const std::string& uid, const std::optional<Grant>& before) {
    return parts_.aside.grants.restore(uid, before);
  }

  /// The claim's grant; nullopt without one.
  Result<std::optional<Grant>> find(const std::string& uid) const {
    return parts_.aside.grants.find(Grant::Kind::claim, uid);
  }

  /// The grants of claims.
  Result<std::vector<Grant>> grants() const { return parts_.aside.grants.of(Grant::Kind::claim); }

 private:
  /// What know() said last.
  struct Known {
    ClaimDevices devices;
    std::set<PciAddress> set_aside;  ///< VFs for classes.
  };

  std::shared_ptr<const Known> known() const;
  Result<std::optional<Grant>> grant_again(const ClaimAsk& ask) const;
  Result<GrantedVf> choose(const dra::ClaimedLane& lane, const Known& known, PortChoices& choices,
                           const std::vector<Grant>& grants) const;
  Result<> make(const ClaimAsk& ask, const Known& known, PortChoices& choices,
                std::vector<Grant>& grants) const;

  Parts parts_;
  Networks networks_;
  mutable std::mutex mutex_;  // Guards the one below.
  std::shared_ptr<const Known> known_ = std::make_shared<Known>();
};

}  // namespace sluice
