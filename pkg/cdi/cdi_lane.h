#pragma once

#include <string>
#include <vector>

#include "pkg/base/rate.h"

namespace sluice {

/// A lane as the containers see it that get its devices.
struct CdiLane {
  std::string request;      ///< Main request of a claim, "vf0"; a name in an annotation.
  std::string vf;           ///< PCI address
  std::string rdma_device;  ///< "mlx5_3"; empty: none.
  std::string interface;    ///< In the pod; empty: not known before the pod has it.
  Rate rate;
  std::vector<std::string> char_devices;  ///< "uverbs3", "umad3"
  std::string vfio_group;                 ///< "12"; empty unless bound to vfio-pci.
  std::string resource;                   ///< Of its class, "sluice.dev/gold"; empty: none.

  friend bool operator==(const CdiLane&, const CdiLane&) = default;
};

/// What tells a container of the lane. A container may have lanes of several claims, so the
/// variable is named by the VF:
///
///     SLUICE_LANE_0000_3B_02_1={"request":"vf0","vf":"0000:3b:02.1","rdmaDevice":"mlx5_3",
///                               "interface":"rail0","floor":"25G","ceiling":"50G"}
///
/// Members without a value are left out: no ceiling, no RDMA device, no name. Pure.
std::string variable_of(const CdiLane& lane);

}  // namespace sluice
