#include "ctl/offers_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/offers.h"
#include "ctl/read_node.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Shows what is offered to pods on this node, and why the rest is not.

SHARE is what the classes may use of a port, PROMISED what offers (taken or not)
and lanes beside them cost, FREE the rest of the share. Everything is read from
files; the agent need not run. The JSON has everything, in bit/s.

Exit codes: 0 done, 1 something could not be read (the rest is shown).)";

struct Arguments {
  std::string output = "table";
  std::string config = "/etc/sluice/config.json";
  std::string run_dir = "/run/sluice";
  std::string state_dir = "/var/lib/sluice";
  std::string sysfs_root = "/sys";
};

int run(const Arguments& arguments) {
  std::vector<std::string> problems;
  const Config config = read_config(arguments.config, problems);
  const std::vector<PortRecord> records = read_records(arguments.run_dir, problems);
  const Inventory inventory = read_inventory(arguments.sysfs_root, problems);
  const SetAside aside = read_set_aside(SetAsideStore(arguments.state_dir), problems);
  NodeOffers node = look_at_offers(inventory, config, records, aside);
  node.problems = std::move(problems);
  fmt::print("{}", arguments.output == "json" ? offers_json(node) : offers_table(node));
  return node.problems.empty() ? 0 : 1;
}

}  // namespace

void add_offers_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("offers", kManual);
  verb->add_option("--output,-o", arguments->output, "\"table\" for people, \"json\" for programs")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
  verb->add_option("--config", arguments->config, "The configuration")->capture_default_str();
  verb->add_option("--run-dir", arguments->run_dir, "Where the ledger of lanes is")
      ->capture_default_str();
  verb->add_option("--state-dir", arguments->state_dir, "Where the offers are")
      ->capture_default_str();
  verb->add_option("--sysfs-root", arguments->sysfs_root, "Where sysfs is")->capture_default_str();
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
