#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pkg/base/pci_address.h"
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

}  // namespace sluice
