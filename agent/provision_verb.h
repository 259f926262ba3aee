#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluiced provision` to the program. When the verb was given, it has run when parsing
/// returns, and `status` is its exit code: 0 done or nothing to do, 1 a port failed, 2 usage or
/// configuration. `status` must outlive `program`.
void add_provision_verb(CLI::App& program, int& status);

}  // namespace sluice
