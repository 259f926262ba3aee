#include "ctl/claims_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/claims.h"
#include "ctl/read_node.h"
#include "ctl/verb_options.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Shows which VFs of this node claims were granted, and at which rates.

LANE is where the VF's lane is in its life; "-": its pod does not have it yet,
or has given it back. Everything is read from files; the agent need not run. The
JSON has everything, in bit/s.

Exit codes: 0 done, 1 something could not be read (the rest is shown).)";

int run(const VerbOptions& arguments) {
  std::vector<std::string> problems;
  const std::vector<PortRecord> records = read_records(arguments.run_dir, problems);
  const SetAside aside = read_set_aside(SetAsideStore(arguments.state_dir), problems);
  NodeClaims node = look_at_claims(aside.grants, records);
  node.problems = std::move(problems);
  fmt::print("{}", arguments.wants_json() ? claims_json(node) : claims_table(node));
  return node.problems.empty() ? 0 : 1;
}

}  // namespace

void add_claims_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<VerbOptions>();
  CLI::App* const verb = program.add_subcommand("claims", kManual);
  add_output_option(*verb, *arguments);
  add_place_options(*verb, *arguments);
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
