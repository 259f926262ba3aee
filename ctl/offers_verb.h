#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluicectl offers` to the program. When the verb was given, it has run when parsing
/// returns, and `status` is its exit code: 0, or 1 when something could not be read; the rest is
/// shown all the same. `status` must outlive `program`.
void add_offers_verb(CLI::App& program, int& status);

}  // namespace sluice
