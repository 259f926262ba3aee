#pragma once

#include <functional>
#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// Calls `visit` with a path for every network namespace that can be seen: the names at
/// /run/netns first, then the namespaces of processes, then those that a process only holds open.
/// Each namespace once, until `visit` returns true. A path can be stale when it is opened. What
/// this process may not look at is left out.
Result<> visit_netns_paths(const std::function<Result<bool>(const std::string& path)>& visit);

}  // namespace sluice
