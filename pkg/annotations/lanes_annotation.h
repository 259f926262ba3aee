#pragma once

#include <initializer_list>
#include <string_view>

#include "pkg/annotations/annotations.h"
#include "pkg/json/problems.h"

namespace sluice {

/// All members that a lane of the annotation may have.
std::initializer_list<std::string_view> annotated_lane_members();

/// Reads a text that is not empty; what is wrong with it is a problem.
AnnotatedPod read_lanes_annotation(std::string_view text, Problems& problems);

}  // namespace sluice
