#include "pkg/config/selector.h"

#include <fnmatch.h>

#include <algorithm>

namespace sluice {

bool PortSelector::matches(const Port& port) const {
  if (!driver.empty() && driver != port.driver) return false;
  if (address && *address != port.address) return false;
  if (!link.empty() && ::fnmatch(link.c_str(), port.link.c_str(), 0) != 0) return false;
  if (vendor_id && *vendor_id != port.vendor_id) return false;
  return !device_id || *device_id == port.device_id;
}

bool VfSelector::matches(const Port& of, int vf_index) const {
  if (!port.matches(of)) return false;
  if (numa_node && numa_node != of.numa_node) return false;
  return !vfs || vfs->contains(vf_index);
}

bool any_matches(std::span<const VfSelector> selectors, const Port& port, int vf_index) {
  return std::ranges::any_of(
      selectors, [&](const VfSelector& selector) { return selector.matches(port, vf_index); });
}

}  // namespace sluice
