#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "agent/check_config_verb.h"
#include "agent/provision_verb.h"
#include "agent/run_verb.h"
#include "agent/started_verb.h"

int main(int argc, char** argv) {
  constexpr int kWrongUse = 2;
  try {
    int status = 0;
    CLI::App program("The node agent of Sluice: RDMA links with promised bandwidth for pods.",
                     "sluiced");
    program.require_subcommand(1);
    program.set_version_flag("--version", "sluiced " SLUICE_VERSION, "Says its version and exits");
    sluice::add_check_config_verb(program, status);
    sluice::add_provision_verb(program, status);
    sluice::add_run_verb(program, status);
    sluice::add_started_verb(program, status);
    try {
      program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return program.exit(error) == 0 ? 0 : kWrongUse;
    }
    return status;
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}
