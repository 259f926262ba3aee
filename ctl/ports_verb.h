#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluicectl ports` to the program. When the verb was given, it has run when parsing returns,
/// and `status` is its exit code: 0, or 1 when the hardware could not be read. `status` must
/// outlive `program`.
void add_ports_verb(CLI::App& program, int& status);

}  // namespace sluice
