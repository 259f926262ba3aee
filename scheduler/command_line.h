#pragma once

#include <CLI/App.hpp>

#include "scheduler/options.h"

namespace sluice {

/// Declares the options, each with its explanation. `options` must outlive `program`.
void add_options(CLI::App& program, SchedulerOptions& options);

}  // namespace sluice
