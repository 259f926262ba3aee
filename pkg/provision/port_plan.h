#pragma once

#include <string>
#include <vector>

#include "pkg/config/port_rules.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// What is to be done with one port.
struct PortPlan {
  enum class Action {
    skip,     ///< Not ours to manage; `why` says the reason.
    leave,    ///< Nothing to be done; `why` says the reason.
    prepare,  ///< The count is right: only wait for the VFs and bring them to baseline.
    create,   ///< Write `target` where there are none.
    replace,  ///< Write 0, then `target` (0: that is all). The kernel changes no count directly.
    refuse,   ///< Asked for something that cannot or must not be done; `why` says it.
  };

  Action action = Action::skip;
  int target = 0;
  std::string why;

  friend bool operator==(const PortPlan&, const PortPlan&) = default;
};

/// Decides from the port as it was scanned, the rule for it (may be null) and the VFs that the
/// ledger knows to be held. VFs that are away or on vfio-pci count as held too. A port whose link
/// is in a bond or a bridge is an uplink already: only a rule that names its address is for it.
/// Pure.
PortPlan plan_port(const Port& port, const ProvisionRule* rule,
                   const std::vector<std::string>& held);

}  // namespace sluice
