#include "ctl/verb_options.h"

#include <CLI/CLI.hpp>

namespace sluice {

void add_output_option(CLI::App& verb, VerbOptions& options) {
  verb.add_option("--output,-o", options.output, "\"table\" for people, \"json\" for programs")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
}

void add_place_options(CLI::App& verb, VerbOptions& options) {
  verb.add_option("--run-dir", options.run_dir, "Where the ledger of lanes is")
      ->capture_default_str();
  verb.add_option("--state-dir", options.state_dir, "Where the offers are")->capture_default_str();
  verb.add_option("--sysfs-root", options.sysfs_root, "Where sysfs is")->capture_default_str();
}

}  // namespace sluice
