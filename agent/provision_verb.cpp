#include "agent/provision_verb.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/config/kept_config.h"
#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/provision/provisioner.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

constexpr const char* kManual = R"(Brings the VFs of this node's SR-IOV ports to the number asked.

Waits until the VFs have their driver, link and RDMA device, and leaves them at
baseline: no rates, no VLAN, trust off. A second run changes nothing. A port
with a VF in use is never touched.

The configuration says how many VFs which ports get; the first rule that
matches decides (docs/provision.md):

  {"ports": [{"select": {"driver": "mlx5_core", "link": "ens*"}, "vfs": 16},
             {"select": {"address": "0000:5e:00.0"},             "vfs": "max"},
             {"select": {},                                      "vfs": "leave"}]}

Where the configuration is not good, the last one that the agent found good is
used, so that the node keeps its devices.

Exit codes: 0 done or nothing to do, 1 a port failed (the others were served),
2 wrong use or configuration (nothing was touched). With --tolerate a port that
failed is said and does not count: the agent is to serve the others.)";

struct Arguments {
  std::string config = "/etc/sluice/config.json";
  std::string run_dir = "/run/sluice";
  std::string state_dir = "/var/lib/sluice";
  bool tolerate = false;
  int timeout_s = 300;
  Provisioner::Options options;
};

// A dry run leaves no trace.
Result<Ledger> ledger_for(const Arguments& arguments) {
  const std::string boot = TRY(this_boot());
  if (arguments.options.dry_run) return Ledger::to_read(arguments.run_dir, boot);
  return Ledger::open(arguments.run_dir, boot);
}

Result<std::vector<PortOutcome>> provision(const Arguments& arguments,
                                           const ProvisionConfig& config) {
  const Dir sysfs = TRY(Dir::open(arguments.options.sysfs_root));
  KernelLinks links = TRY(KernelLinks::open());
  const Ledger ledger = TRY(ledger_for(arguments));
  const auto say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  Provisioner::Options options = arguments.options;
  options.state_dir = arguments.state_dir;
  Provisioner provisioner(std::move(options), sysfs, links, ledger, say);
  return provisioner.run(config);
}

Result<Config> given_config(const std::string& path) {
  const std::string text = TRY(read_linked_file(path).context("configuration"));
  ParsedConfig parsed = parse_config(text);
  if (parsed.problems.empty()) return std::move(parsed.config);
  return Error(Code::invalid_argument, fmt::format("configuration '{}' is not good:\n{}", path,
                                                   trim(to_string(parsed.problems))));
}

Result<Config> config_for(const Arguments& arguments) {
  Result<Config> given = given_config(arguments.config);
  if (given) return given;
  const KeptConfig last_good(arguments.state_dir);
  Result<Config> kept = last_good.load();
  if (!kept) {
    given.error().append("\nsluiced: nothing was touched");
    return given;
  }
  fmt::print(stderr, "sluiced: {}\nsluiced: the last good one is used: '{}'\n",
             given.error().message(), last_good.path());
  return kept;
}

int run(Arguments arguments) {
  const Result<Config> config = config_for(arguments);
  if (!config) {
    fmt::print(stderr, "sluiced: {}\n", config.error().message());
    return kWrongUse;
  }
  arguments.options.timeout = std::chrono::seconds(arguments.timeout_s);
  const auto outcomes = provision(arguments, config->ports);
  if (!outcomes) {
    fmt::print(stderr, "sluiced: provision: {}\n", outcomes.error().message());
    return kFailed;
  }
  fmt::print("{}", to_text(*outcomes));
  return arguments.tolerate ? 0 : exit_code(*outcomes);
}

}  // namespace

void add_provision_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("provision", kManual);
  verb->add_option("--config", arguments->config, "The configuration, a JSON file")
      ->capture_default_str();
  verb->add_option("--sysfs-root", arguments->options.sysfs_root, "Where sysfs is")
      ->capture_default_str();
  verb->add_option("--run-dir", arguments->run_dir, "Where the ledger of lanes is")
      ->capture_default_str();
  verb->add_option("--state-dir", arguments->state_dir,
                   "Where the last good configuration and the grants are kept")
      ->capture_default_str();
  verb->add_flag("--tolerate", arguments->tolerate, "A port that failed is no failure");
  verb->add_option("--timeout", arguments->timeout_s,
                   "Seconds to wait for the VFs of one port; some NICs take minutes")
      ->capture_default_str()
      ->check(CLI::Range(1, 86400));
  verb->add_flag("--dry-run", arguments->options.dry_run, "Say what would be done and do nothing");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
