#include "pkg/config/selector.h"

#include <fnmatch.h>

namespace sluice {

bool PortSelector::matches(const Port& port) const {
  if (!driver.empty() && driver != port.driver) return false;
  if (address && *address != port.address) return false;
  if (!link.empty() && ::fnmatch(link.c_str(), port.link.c_str(), 0) != 0) return false;
  if (vendor_id && *vendor_id != port.vendor_id) return false;
  return !device_id || *device_id == port.device_id;
}

}  // namespace sluice
