#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// A lane of a pod, and the port that it is promised on.
struct PlacedLane {
  std::string port;  ///< PCI address
  Rate rate;
  bool vfio = false;  ///< Of a VF bound to vfio-pci.

  friend bool operator==(const PlacedLane&, const PlacedLane&) = default;
};

/// Which lane of a pod is on which port, in the order of the ask. The scheduler writes it with the
/// binding, the agent follows it as a hint.
using PodPlacement = std::vector<PlacedLane>;

/// {"version":1,"lanes":[{"port":"0000:3b:00.0","floor":"15G","ceiling":"20G"}]}. Rates are
/// quantities in bit/s; one that is zero is left out. A lane of a VF bound to vfio-pci has
/// "vfio":true.
std::string encode_placement(const PodPlacement& placement);

/// unsupported for a version that is newer; invalid_argument with the annotation's name and the
/// JSON pointer of every problem for anything else that encode_placement() does not write. Keys
/// that are not known are let pass.
Result<PodPlacement> decode_placement(std::string_view text);

}  // namespace sluice
