#include "pkg/inventory/types.h"

namespace sluice {

const Port* Inventory::find_port(PciAddress address) const {
  for (const Port& port : ports) {
    if (port.address == address) return &port;
  }
  return nullptr;
}

std::string_view to_string(VfState state) {
  switch (state) {
    case VfState::ready: return "ready";
    case VfState::away: return "away";
    case VfState::unbound: return "unbound";
    case VfState::vfio: return "vfio";
    case VfState::pending: return "pending";
  }
  return "?";
}

std::string_view to_string(PortState state) {
  switch (state) {
    case PortState::ready: return "ready";
    case PortState::away: return "away";
    case PortState::unbound: return "unbound";
    case PortState::no_link: return "no link";
  }
  return "?";
}

std::string_view to_string(LinkType type) {
  switch (type) {
    case LinkType::unknown: return "unknown";
    case LinkType::ethernet: return "ethernet";
    case LinkType::infiniband: return "infiniband";
  }
  return "?";
}

std::string_view to_string(EswitchMode mode) {
  return mode == EswitchMode::legacy ? "legacy" : "switchdev";
}

}  // namespace sluice
