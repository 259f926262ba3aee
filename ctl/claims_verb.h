#pragma once

#include <CLI/App.hpp>

namespace sluice {

/// Adds `sluicectl claims` to the program, as add_offers_verb() does its own.
void add_claims_verb(CLI::App& program, int& status);

}  // namespace sluice
