#pragma once

#include <string_view>

#include "pkg/bandwidth/capability.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// The name of the port's row in the tables of drivers (capability_of(), vf_driver_of()): its
/// driver's or its chip's; kIpoib on InfiniBand, whatever the driver. Lives as long as the port.
std::string_view capability_name(const Port& port);

const DriverCapability& capability_of(const Port& port);

}  // namespace sluice
