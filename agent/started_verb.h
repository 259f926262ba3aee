#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluiced started`, the startup probe of the agent's container, to the program. When the
/// verb was given, `status` is its exit code when parsing returns: 0 yes, 1 not yet. `status` must
/// outlive `program`.
void add_started_verb(CLI::App& program, int& status);

}  // namespace sluice
