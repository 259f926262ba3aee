#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pkg/base/pci_address.h"
#include "pkg/config/index_set.h"
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

/// Which VFs a rule is for: those of the ports selected, all or certain ones.
struct VfSelector {
  PortSelector port;
  std::optional<int> numa_node;
  std::optional<IndexSet> vfs;

  bool matches(const Port& of, int vf_index) const;

  friend bool operator==(const VfSelector&, const VfSelector&) = default;
};

/// Whether one of them is for the VF.
bool any_matches(std::span<const VfSelector> selectors, const Port& port, int vf_index);

}  // namespace sluice
