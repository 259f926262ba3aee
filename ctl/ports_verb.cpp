#include "ctl/ports_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/ports.h"
#include "ctl/read_node.h"
#include "ctl/verb_options.h"
#include "pkg/inventory/away_links.h"
#include "pkg/inventory/scan.h"
#include "pkg/netlink/kernel_devlink.h"
#include "pkg/netlink/live_kernel.h"
#include "pkg/offers/budgets.h"

namespace sluice {
namespace {

constexpr const char* kManual = R"(Shows the SR-IOV ports of this node and their VFs.

VFS is used/now/total: VFs in another network namespace or on vfio-pci, VFs
there are, VFs the port can have. RATE is that of the wire now, PROMISED what
lanes and offers may count on; "-" is unknown, or nothing.
The JSON has everything, VF by VF.)";

void add_eswitch_modes(Inventory& inventory) {
  auto devlink = KernelDevlink::open();
  if (!devlink) return;  // A kernel without devlink: the modes stay unknown.
  for (Port& port : inventory.ports) {
    const auto mode = devlink->eswitch_mode(DevlinkDevice::pci(port.address));
    if (mode) port.eswitch_mode = *mode;
  }
}

// Without the right to look into other namespaces, the ports are still shown.
AwayLinkFinder tolerant(Kernel& kernel, std::vector<std::string>& problems) {
  return [find = find_away_links(kernel),
          &problems](const std::vector<std::string>& parents) -> Result<std::vector<AwayLink>> {
    auto links = find(parents);
    if (links) return links;
    problems.push_back("links in other namespaces: " + links.error().message());
    return std::vector<AwayLink>();
  };
}

Result<Inventory> look(const VerbOptions& options) {
  const Dir sysfs = TRY(Dir::open(options.sysfs_root));
  const auto kernel = TRY(LiveKernel::open());
  std::vector<std::string> problems;
  Inventory inventory = TRY(scan(sysfs, tolerant(*kernel, problems)));
  inventory.problems.insert(inventory.problems.end(), problems.begin(), problems.end());
  add_eswitch_modes(inventory);
  return inventory;
}

int run(const VerbOptions& options) {
  auto inventory = look(options);
  if (!inventory) {
    fmt::print(stderr, "sluicectl: ports: {}\n", inventory.error().message());
    return 1;
  }
  const std::vector<PortRecord> records = read_records(options.run_dir, inventory->problems);
  const SetAside aside = read_set_aside(SetAsideStore(options.state_dir), inventory->problems);
  const PortBudgets budgets = port_budgets(*inventory, records, aside);
  fmt::print("{}", options.wants_json() ? ports_json(*inventory, budgets)
                                        : ports_table(*inventory, budgets));
  return 0;
}

}  // namespace

void add_ports_verb(CLI::App& program, int& status) {
  const auto options = std::make_shared<VerbOptions>();
  CLI::App* const verb = program.add_subcommand("ports", kManual);
  add_output_option(*verb, *options);
  add_place_options(*verb, *options);
  verb->callback([options, &status] { status = run(*options); });
}

}  // namespace sluice
