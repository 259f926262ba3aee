#pragma once

#include <span>

namespace sluice::hook {

/// Sets soft and hard RLIMIT_MEMLOCK of the process that the state on stdin names: to unlimited, or
/// by `arguments`, "--bytes N", to N. The exit status, 0 when it is set; else the reason is on
/// stderr, and the runtime does not start the container.
int run(std::span<char* const> arguments);

}  // namespace sluice::hook
