#pragma once

#include <fmt/format.h>

#include <string>

#include "pkg/base/pci_address.h"

namespace sluice {

/// Where the VFs of a made-up port are: at 02.0, 02.1, … on the port's bus.
inline PciAddress vf_address(const std::string& port, int index) {
  return *PciAddress::parse(
      fmt::format("{}:{:02x}.{:x}", port.substr(0, 7), 2 + index / 8, index % 8));
}

}  // namespace sluice
