#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "ctl/claims_verb.h"
#include "ctl/doctor_verb.h"
#include "ctl/lanes_verb.h"
#include "ctl/offers_verb.h"
#include "ctl/ports_verb.h"

int main(int argc, char** argv) {
  constexpr int kWrongUse = 2;
  try {
    int status = 0;
    CLI::App program("Shows what Sluice knows and does on this node, and tries what it promises.",
                     "sluicectl");
    program.require_subcommand(1);
    program.set_version_flag("--version", "sluicectl " SLUICE_VERSION,
                             "Says its version and exits");
    sluice::add_claims_verb(program, status);
    sluice::add_doctor_verb(program, status);
    sluice::add_lanes_verb(program, status);
    sluice::add_offers_verb(program, status);
    sluice::add_ports_verb(program, status);
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
