#include "pkg/placement/node_ports.h"

namespace sluice {

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
