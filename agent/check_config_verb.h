#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluiced check-config FILE` to the program. When the verb was given, it has run when
/// parsing returns, and `status` is its exit code: 0 good, 1 problems, 2 usage or no such file.
/// `status` must outlive `program`.
void add_check_config_verb(CLI::App& program, int& status);

}  // namespace sluice
