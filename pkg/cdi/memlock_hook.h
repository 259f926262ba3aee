#pragma once

#include <string>
#include <vector>

#include "pkg/base/locked_memory.h"
#include "pkg/cdi/spec.h"

namespace sluice {

/// The hook that sets RLIMIT_MEMLOCK of containers with lanes: `path` is that of sluice-memlock on
/// the host. None where the runtime's limit is to stay.
std::vector<CdiHook> memlock_hooks(const LockedMemory& memory, const std::string& path);

}  // namespace sluice
