#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/pci_address.h"
#include "pkg/config/problems.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// Which ports a rule is for: those of which everything that is given holds. Nothing given: all.
struct PortSelector {
  std::string driver;
  std::optional<PciAddress> address;
  std::string link;  ///< Pattern as fnmatch(3) has it: "ens*f0".
  std::optional<std::uint16_t> vendor_id;
  std::optional<std::uint16_t> device_id;

  bool matches(const Port& port) const;

  friend bool operator==(const PortSelector&, const PortSelector&) = default;
};

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

struct ProvisionRule {
  PortSelector select;
  VfCount vfs;
  bool spoofchk = true;  ///< Of a VF at baseline.

  friend bool operator==(const ProvisionRule&, const ProvisionRule&) = default;
};

/// What `sluiced provision` shall make of a node's ports. docs/provision.md is its manual.
struct ProvisionConfig {
  std::vector<ProvisionRule> rules;

  /// The first rule that is for the port; nullptr when none is, and the port is left alone.
  const ProvisionRule* rule_for(const Port& port) const;

  friend bool operator==(const ProvisionConfig&, const ProvisionConfig&) = default;
};

/// A configuration, good only when there are no problems.
struct ParsedProvision {
  ProvisionConfig config;
  std::vector<Problem> problems;
};

/// Reads the JSON text and reports everything that is wrong with it, unknown keys included.
ParsedProvision parse_provision(std::string_view text);

}  // namespace sluice
