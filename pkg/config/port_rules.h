#pragma once

#include <vector>

#include "pkg/config/selector.h"
#include "pkg/config/shares.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// How many VFs a port shall have.
struct VfCount {
  enum class Kind { exactly, as_many_as_possible, leave };

  Kind kind = Kind::leave;
  int number = 0;  ///< Of `exactly`.

  static VfCount exactly(int number) { return {Kind::exactly, number}; }

  static VfCount max() { return {Kind::as_many_as_possible, 0}; }

  static VfCount leave() { return {}; }

  friend bool operator==(const VfCount&, const VfCount&) = default;
};

/// What the configuration says of the ports it selects.
struct ProvisionRule {
  PortSelector select;
  VfCount vfs;
  bool spoofchk = true;  ///< Of a VF at baseline.
  ShareRules shares;     ///< Who may use how much of the port.

  friend bool operator==(const ProvisionRule&, const ProvisionRule&) = default;
};

/// The rules for a node's ports: how many VFs they have (docs/provision.md), and how they are
/// shared.
struct ProvisionConfig {
  std::vector<ProvisionRule> rules;

  /// The first rule that is for the port; nullptr when none is, and the port is left alone.
  const ProvisionRule* rule_for(const Port& port) const;

  friend bool operator==(const ProvisionConfig&, const ProvisionConfig&) = default;
};

}  // namespace sluice
