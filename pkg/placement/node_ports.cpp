#include "pkg/placement/node_ports.h"

namespace sluice {

std::string_view to_string(Medium medium) {
  return medium == Medium::infiniband ? "infiniband" : "ethernet";
}

std::optional<Medium> parse_medium(std::string_view text) {
  for (const Medium medium : {Medium::ethernet, Medium::infiniband}) {
    if (text == to_string(medium)) return medium;
  }
  return std::nullopt;
}

const DriverCapability& capability_of(const NodePort& port) {
  return capability_of(port.medium == Medium::infiniband ? kIpoib : std::string_view(port.driver));
}

const std::string& label(const NodePort& port) {
  return port.link.empty() ? port.name : port.link;
}

PortBudget budget_of(const NodePort& port) {
  return {.port = label(port),
          .line_rate = port.line_rate,
          .usable = port.usable,
          .promised = port.promised};
}

}  // namespace sluice
