#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/config/live_config.h"
#include "agent/config/networks.h"
#include "agent/grants/port_choice.h"
#include "agent/pods/pod_ports.h"
#include "agent/pods/pod_wish.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// The grants of annotated pods: which VFs of the pods' shares they have, and what is promised for
/// them. Changes of one are made under the locks of its ports, so that the sum holds whatever the
/// scheduler believed. Thread-safe.
class PodBook {
 public:
  /// All must outlive this object.
  struct Parts {
    const Dir& sysfs;
    const Ledger& ledger;
    const SetAsideStore& aside;
    const LiveConfig& config;
  };

  explicit PodBook(const Parts& parts) : parts_(parts), networks_(parts.config, parts.sysfs) {}

  /// The pod's lanes, on disk when this returns; those that it was granted before, where it was,
  /// whatever it asks now. They are where the scheduler placed them if all of them fit there, else
  /// where place() puts them.
  ///
  ///   exhausted, timed_out, unsupported, invalid_argument, busy   as place() and admit() have them
  ///   invalid_argument  a network that is not for a lane's port
  ///   busy              a port is locked, gone, or without driver or link
  Result<Grant> grant(const PodWish& wish);

  /// Whether the pod's grant is gone now: it stays while a VF of it has a lane. busy when a port is
  /// locked.
  Result<bool> release(const std::string& uid);

  /// The pod's grant; nullopt without one.
  Result<std::optional<Grant>> find(const std::string& uid) const {
    return parts_.aside.grants.find(Grant::Kind::pod, uid);
  }

  /// The grants of pods.
  Result<std::vector<Grant>> grants() const { return parts_.aside.grants.of(Grant::Kind::pod); }

 private:
  /// The pods' shares of ports that lanes can be made on.
  struct Supply {
    Inventory inventory;                // The shares point into it.
    std::vector<FrontEndShare> shares;  ///< None is empty.
    std::string trouble;                ///< Why ports are left out.
  };

  Result<Supply> look(const Config& config) const;
  Result<LanePorts> choose_ports(const PodWish& wish, const Config& config) const;
  Result<Grant> make(const PodWish& wish, const LanePorts& ports) const;
  Result<Grant> choose_vfs(const PodWish& wish, const LanePorts& ports, const Config& config,
                           PortChoices& choices) const;
  Result<GrantedVf> choose_vf(const PodWish& wish, std::size_t lane, const Config& config,
                              PortChoice& choice) const;

  Parts parts_;
  Networks networks_;
};

}  // namespace sluice
