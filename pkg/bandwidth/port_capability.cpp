#include "pkg/bandwidth/port_capability.h"

namespace sluice {

std::string_view capability_name(const Port& port) {
  if (port.link_type == LinkType::infiniband) return kIpoib;
  return capability_name(port.driver, port.device_id);
}

const DriverCapability& capability_of(const Port& port) {
  return capability_of(capability_name(port));
}

}  // namespace sluice
