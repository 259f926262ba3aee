#pragma once

#include <optional>
#include <string>

#include "pkg/annotations/annotations.h"
#include "pkg/annotations/placement_annotation.h"

namespace sluice {

/// A pod that is to be granted the lanes that it asks by annotation.
struct PodWish {
  std::string uid;   ///< As the runtime has it.
  std::string name;  ///< "namespace/name"
  AnnotatedPod asked;
  std::optional<PodPlacement> placement = {};  ///< As the scheduler bound the pod.
  bool has_others = false;                     ///< As Grant::has_others.
};

}  // namespace sluice
