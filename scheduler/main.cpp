#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "scheduler/command_line.h"
#include "scheduler/run.h"

int main(int argc, char** argv) {
  constexpr int kWrongUse = 2;
  try {
    sluice::SchedulerOptions options;
    CLI::App program(sluice::kSchedulerManual, "sluice-scheduler");
    program.set_version_flag("--version", "sluice-scheduler " SLUICE_VERSION,
                             "Says its version and exits");
    sluice::add_options(program, options);
    try {
      program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return program.exit(error) == 0 ? 0 : kWrongUse;
    }
    return sluice::run_scheduler(options);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}
