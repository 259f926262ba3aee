#pragma once

#include <string_view>

#include "pkg/annotations/annotations.h"
#include "pkg/json/problems.h"

namespace sluice {

/// Reads a text that is not empty; what is wrong with it is a problem.
AnnotatedPod read_papers_annotation(std::string_view text, Problems& problems);

}  // namespace sluice
