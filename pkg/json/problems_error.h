#pragma once

#include <string>

#include "pkg/base/error.h"
#include "pkg/json/problems.h"

namespace sluice {

/// invalid_argument, all in one line: events and the kubelet's log show it. "claim 'ml/a':
/// /status/…: want …; /status/…: want …".
Error problems_error(const std::string& what, const Problems& problems);

}  // namespace sluice
