#pragma once

#include <sys/types.h>

#include <string_view>

#include "pkg/base/result.h"

namespace sluice::hook {

/// The process of the container, by the state that an OCI runtime writes to a hook's stdin (runtime
/// specification, "State"). invalid_argument, with all that is wrong, when `text` is no such state
/// or names no process: crun tells hooks in the container pid 0, which prlimit(2) takes for the
/// caller.
Result<pid_t> container_process(std::string_view text);

}  // namespace sluice::hook
