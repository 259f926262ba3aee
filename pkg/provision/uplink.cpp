#include "pkg/provision/uplink.h"

#include <fmt/format.h>

namespace sluice {

Result<Link> uplink_of(Links& links, const Port& port) {
  auto link = TRY(links.find(port.link));
  if (link && link->parent_device == port.address.to_string()) return *std::move(link);
  if (link && link->parent_bus != "pci") return *std::move(link);
  return Error(Code::busy, fmt::format("link '{}' is not the port's any more", port.link));
}

}  // namespace sluice
