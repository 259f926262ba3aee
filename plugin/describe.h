#pragma once

#include <string>

#include "pkg/inventory/types.h"
#include "plugin/device.h"

namespace sluice::plugin {

/// Why no lane can be made on the port, or of the VF, whatever its carrier; empty: one can.
std::string trouble_of(const Port& port);
std::string trouble_of(const Vf& vf);

/// A VF of the inventory as a device: NUMA node, RDMA and character devices, and whether it is
/// healthy. It is while its port has a driver, a link and a carrier, and it has a driver and a link
/// itself or belongs to vfio-pci; in whose namespace the VF's link is does not matter. Pure;
/// `taken` and `withdrawn` are the caller's to set, and `vfio_group`, which the inventory does not
/// know.
Device describe(const Port& port, const Vf& vf);

}  // namespace sluice::plugin
