#pragma once

#include "pkg/annotations/annotations.h"
#include "pkg/base/result.h"

namespace sluice {

// Lanes of a pod on the host's network are in force where their VFs are, whose links stay as they
// are.

/// The member that would change a link of the host; nullptr: none would.
const char* not_in_place(const LaneConfig& settings);

/// unsupported for an annotation that would change one, in one line: "annotation
/// 'sluice.dev/lanes': lane 'rail': the pod is on the host's network, whose links stay as they are,
/// so not with "mtu"".
Result<> check_in_place(const AnnotatedPod& pod);

}  // namespace sluice
