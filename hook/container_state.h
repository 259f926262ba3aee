#pragma once

#include <sys/types.h>

#include <string_view>

#include "pkg/base/result.h"

namespace sluice::hook {

/// The process of the container, by the state that an OCI runtime writes to a hook's stdin (runtime
/// specification, "State"). invalid_argument, with all that is wrong, when `text` is no such state
/// or names no process: crun says pid 0 to hooks inside the container, and 0 is the caller itself
/// to prlimit(2).
Result<pid_t> container_process(std::string_view text);

}  // namespace sluice::hook
