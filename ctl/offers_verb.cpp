#include "ctl/offers_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/offers.h"
#include "ctl/read_node.h"
#include "ctl/verb_options.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Shows what is offered to pods on this node, and why the rest is not.

SHARE is what the classes may use of a port, PROMISED what offers (taken or not)
and lanes beside them cost, FREE the rest of the share. Everything is read from
files; the agent need not run. The JSON has everything, in bit/s.

Exit codes: 0 done, 1 something could not be read (the rest is shown).)";

struct Arguments : VerbOptions {
  std::string config = "/etc/sluice/config.json";
};

int run(const Arguments& arguments) {
  std::vector<std::string> problems;
  const Config config = read_config(arguments.config, problems);
  const std::vector<PortRecord> records = read_records(arguments.run_dir, problems);
  const Inventory inventory = read_inventory(arguments.sysfs_root, problems);
  const SetAside aside = read_set_aside(SetAsideStore(arguments.state_dir), problems);
  NodeOffers node = look_at_offers(inventory, config, records, aside);
  node.problems = std::move(problems);
  fmt::print("{}", arguments.wants_json() ? offers_json(node) : offers_table(node));
  return node.problems.empty() ? 0 : 1;
}

}  // namespace

void add_offers_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("offers", kManual);
  add_output_option(*verb, *arguments);
  verb->add_option("--config", arguments->config, "The configuration")->capture_default_str();
  add_place_options(*verb, *arguments);
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
