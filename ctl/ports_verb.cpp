#include "ctl/ports_verb.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/ports.h"
#include "pkg/inventory/away_links.h"
#include "pkg/inventory/scan.h"
#include "pkg/netlink/kernel_devlink.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice {
namespace {

constexpr const char* kManual = R"(Shows the SR-IOV ports of this node and their VFs.

VFS is used/now/total: VFs in another network namespace or on vfio-pci, VFs
there are, VFs the port can have. RATE is that of the wire now; "-" is unknown.
The JSON has everything, VF by VF.)";

struct Arguments {
  std::string output = "table";
  std::string sysfs_root = "/sys";
};

void add_eswitch_modes(Inventory& inventory) {
  auto devlink = KernelDevlink::open();
  if (!devlink) return;  // A kernel without devlink: the modes stay unknown.
  for (Port& port : inventory.ports) {
    const auto mode = devlink->eswitch_mode(DevlinkDevice::pci(port.address));
    if (mode) port.eswitch_mode = *mode;
  }
}

// Whoever may not look into other namespaces still sees the ports.
AwayLinkFinder tolerant(Kernel& kernel, std::vector<std::string>& problems) {
  return [find = find_away_links(kernel),
          &problems](const std::vector<std::string>& parents) -> Result<std::vector<AwayLink>> {
    auto links = find(parents);
    if (links) return links;
    problems.push_back("links in other namespaces: " + links.error().message());
    return std::vector<AwayLink>();
  };
}

Result<Inventory> look(const Arguments& arguments) {
  const Dir sysfs = TRY(Dir::open(arguments.sysfs_root));
  const auto kernel = TRY(LiveKernel::open());
  std::vector<std::string> problems;
  Inventory inventory = TRY(scan(sysfs, tolerant(*kernel, problems)));
  inventory.problems.insert(inventory.problems.end(), problems.begin(), problems.end());
  add_eswitch_modes(inventory);
  return inventory;
}

int run(const Arguments& arguments) {
  const auto inventory = look(arguments);
  if (!inventory) {
    fmt::print(stderr, "sluicectl: ports: {}\n", inventory.error().message());
    return 1;
  }
  fmt::print("{}", arguments.output == "json" ? ports_json(*inventory) : ports_table(*inventory));
  return 0;
}

}  // namespace

void add_ports_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("ports", kManual);
  verb->add_option("--output,-o", arguments->output, "\"table\" for people, \"json\" for programs")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
  verb->add_option("--sysfs-root", arguments->sysfs_root, "Where sysfs is")->capture_default_str();
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
