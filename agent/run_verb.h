#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluiced run`, the node agent itself, to the program. When the verb was given, it has ended
/// when parsing returns, and `status` is its exit code: 0 by a signal, 1 failure or another
/// instance, 2 usage or configuration. `status` must outlive `program`.
void add_run_verb(CLI::App& program, int& status);

}  // namespace sluice
