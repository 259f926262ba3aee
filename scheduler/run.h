#pragma once

#include "scheduler/options.h"

namespace sluice {

/// What `sluice-scheduler --help` says before its options.
extern const char* const kSchedulerManual;

/// Runs until SIGTERM or SIGINT. The exit status: 0 ended by a signal, 1 failure, 2 wrong use; what
/// is wrong goes to standard error.
int run_scheduler(const SchedulerOptions& options);

}  // namespace sluice
