#pragma once

#include <string>

#include <CLI/App.hpp>

namespace sluice {

/// What each verb takes: how to answer, and where the node's files are. Defaults are those of a
/// node.
struct VerbOptions {
  std::string output = "table";
  std::string run_dir = "/run/sluice";
  std::string state_dir = "/var/lib/sluice";
  std::string sysfs_root = "/sys";

  bool wants_json() const { return output == "json"; }
};

/// --output. `options` must outlive the parse, as below.
void add_output_option(CLI::App& verb, VerbOptions& options);

/// --run-dir, --state-dir, --sysfs-root.
void add_place_options(CLI::App& verb, VerbOptions& options);

}  // namespace sluice
