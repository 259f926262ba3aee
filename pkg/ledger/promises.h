#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// One promise on a port. Views what it was made of.
struct Promise {
  std::string_view lane;  ///< The VF's PCI address, or a software lane's id.
  BitRate cost;           ///< effective_promise() of its floor.
  /// By what: a lane outside both, an offer, or a grant.
  enum class By { lane, offer, grant };

  By by = By::lane;
  bool taken = false;  ///< A lane is recorded.
};

/// A port as far as promises go.
struct PromisedPort {
  std::string_view port;  ///< Name in the ledger.
  const DriverCapability& capability;
  std::span<const LaneRecord> lanes = {};
};

/// All promises on a port: its offers, its grants, and its lanes outside both. A lane whose VF is
/// offered or granted costs what that does. Other ports' are ignored. Pure.
std::vector<Promise> promises_on(const PromisedPort& port, const SetAside& aside);

/// What they cost together: the one sum by which lanes are admitted and offers moved, and of which
/// people and metrics are told.
BitRate sum_of(const std::vector<Promise>& promises);

/// The port's bandwidth: what may be promised, and what is.
PortBudget budget_of(const PortRecord& port, const SetAside& aside);

}  // namespace sluice
