#include "ctl/lanes_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/lanes.h"
#include "ctl/read_node.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Shows the lanes of this node and the bandwidth promised on their ports.

PROMISED is what lanes and offers may count on, FREE what can still be promised.
FLOOR and CEILING were asked for; IN FORCE is what was written for the lane last,
floor / ceiling. "-" is none, or unknown. The JSON has everything, in bit/s.

Exit codes: 0 done, 1 something could not be read (the rest is shown).)";

struct Arguments {
  std::string output = "table";
  std::string run_dir = "/run/sluice";
  std::string state_dir = "/var/lib/sluice";
  std::string sysfs_root = "/sys";
};

int run(const Arguments& arguments) {
  const auto boot = this_boot();
  if (!boot) {
    fmt::print(stderr, "sluicectl: lanes: {}\n", boot.error().message());
    return 1;
  }
  std::vector<std::string> problems;
  const Inventory inventory = read_inventory(arguments.sysfs_root, problems);
  NodeLanes node = read_lanes(Ledger::to_read(arguments.run_dir, *boot),
                              SetAsideStore(arguments.state_dir), inventory);
  node.problems.insert(node.problems.end(), problems.begin(), problems.end());
  fmt::print("{}", arguments.output == "json" ? lanes_json(node) : lanes_table(node));
  return node.problems.empty() ? 0 : 1;
}

}  // namespace

void add_lanes_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("lanes", kManual);
  verb->add_option("--output,-o", arguments->output, "\"table\" for people, \"json\" for programs")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
  verb->add_option("--run-dir", arguments->run_dir, "Where the ledger of lanes is")
      ->capture_default_str();
  verb->add_option("--state-dir", arguments->state_dir, "Where the offers are")
      ->capture_default_str();
  verb->add_option("--sysfs-root", arguments->sysfs_root, "Where sysfs is")->capture_default_str();
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
