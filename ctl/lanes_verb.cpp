#include "ctl/lanes_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/lanes.h"
#include "ctl/read_node.h"
#include "ctl/verb_options.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Shows the lanes of this node and the bandwidth promised on their ports.

PROMISED is what lanes and offers may count on, FREE what can still be promised.
FLOOR and CEILING were asked for; IN FORCE is what was written for the lane last,
floor / ceiling. NETWORK is the network of the configuration that gave the lane
ADDRESSES, else that of the CNI. "-" is none, or unknown. The JSON has everything, in bit/s.

Exit codes: 0 done, 1 something could not be read (the rest is shown).)";

int run(const VerbOptions& options) {
  const auto boot = this_boot();
  if (!boot) {
    fmt::print(stderr, "sluicectl: lanes: {}\n", boot.error().message());
    return 1;
  }
  std::vector<std::string> problems;
  const Inventory inventory = read_inventory(options.sysfs_root, problems);
  NodeLanes node = read_lanes(Ledger::to_read(options.run_dir, *boot),
                              SetAsideStore(options.state_dir), inventory);
  read_leases(LeaseStore(options.state_dir), node);
  node.problems.insert(node.problems.end(), problems.begin(), problems.end());
  fmt::print("{}", options.wants_json() ? lanes_json(node) : lanes_table(node));
  return node.problems.empty() ? 0 : 1;
}

}  // namespace

void add_lanes_verb(CLI::App& program, int& status) {
  const auto options = std::make_shared<VerbOptions>();
  CLI::App* const verb = program.add_subcommand("lanes", kManual);
  add_output_option(*verb, *options);
  add_place_options(*verb, *options);
  verb->callback([options, &status] { status = run(*options); });
}

}  // namespace sluice
