#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluicectl doctor` to the program. When the verb was given, it has run when parsing
/// returns, and `status` is its exit code: 0 when every promise that could be tried was kept, 1
/// when one was not or the trial was cut short, 2 when the VF is not to be tried. `status` must
/// outlive `program`.
void add_doctor_verb(CLI::App& program, int& status);

}  // namespace sluice
